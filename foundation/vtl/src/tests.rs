//! Tables of template and output.

mod apigateway;

use crate::{Context, Limits, Template, Value};

fn render(source: &str) -> String {
    render_within(source, &Limits { steps: 1_000_000, ..Limits::default() })
}

fn render_within(source: &str, limits: &Limits) -> String {
    let template = match Template::parse(source) {
        Ok(template) => template,
        Err(error) => return format!("parse error: {error}"),
    };
    let mut context = Context::new();
    context.set("s", Value::text("Hello"));
    context.set("n", Value::Integer(7));
    context.set("d", Value::Float(2.5));
    context.set("t", Value::Bool(true));
    context.set("f", Value::Bool(false));
    context.set("m", Value::map([("a", Value::Integer(1)), ("b", Value::text("two"))]));
    context.set("list", Value::list(["x", "y", "z"].map(Value::text).to_vec()));
    context.set(
        "j",
        Value::from_json(r#"{"a":1,"b":[{"c":5,"d":"x/y\"'é"},1.50,1e3,true,null],"o":{"k":[1]}}"#).unwrap(),
    );
    match template.render(&mut context, limits) {
        Ok(text) => text,
        Err(error) => format!("render error: {error}"),
    }
}

#[test]
fn prints_what_velocity_prints() {
    for (source, expected) in [
        ("$j", r#"{a=1, b=[{"c":5,"d":"x\/y\"'é"},1.5,1000.0,true,null], o={k=[1]}}"#),
        (
            "$s.length() ${s.substring(1,3)} $s.foo $s.foo() $m.a $m.zz $!m.zz|",
            "5 el $s.foo $s.foo() 1 $m.zz |",
        ),
        ("#set($x = \"a\" + $nope)[$x] #set($x = $nope + $nope2)[$x]", "[a$nope] [a$nope]"),
        ("a\n  #set($x=1)  \nb\n  #if(true)  \n  c\n  #end  \nd", "a\n  b\n    c\n  d"),
        (
            "#macro(foo $a)$a $a#end#foo($list.add(\"q\")) $list #foo() #foo($nope) #foo(1 2)",
            "true true [x, y, z, q, q] $a $a $nope $nope 1 1",
        ),
        ("\\$s \\\\$s \\$nope \\#set($a=1) \\#if #nope", "$s \\Hello \\$nope #set($a=1) #if #nope"),
        (
            "$list[10]",
            "render error: Error invoking method 'get(java.lang.Integer)' in java.util.ArrayList at [line 1, column 6]",
        ),
        ("#foreach($x in $list)$x#if($foreach.hasNext),#end#end", "x,y,z"),
    ] {
        assert_eq!(render(source), expected, "{source}");
    }
}

#[test]
fn templates_are_shared_between_threads() {
    fn check<T: Send + Sync>() {}
    check::<Template>();
}

/// Whatever a template does, it ends within its limits and says where.
#[test]
fn limits() {
    let nested =
        |open: &str, close: &str, depth: usize| format!("{}x{}", open.repeat(depth), close.repeat(depth));
    let doubling = "#set($x = \"abcdefgh\")#foreach($i in [1..1000])#set($x = $x + $x)#end";
    for (source, expected) in [
        (nested("#if(true)", "#end", 1000), "parse error: the template is nested more than 64 levels deep"),
        (
            format!("#set($x = {})", nested("(", ")", 5000).replace('x', "1")),
            "parse error: the template is nested more than 64 levels deep",
        ),
        (
            format!("#set($x = {})", nested("[", "]", 5000).replace('x', "1")),
            "parse error: the template is nested more than 64 levels deep",
        ),
        (
            format!("#set($x = {} true)", "!".repeat(5000)),
            "parse error: the template is nested more than 64 levels deep",
        ),
        (
            nested("$a.b(", ")", 5000).replace('x', "1"),
            "parse error: the template is nested more than 64 levels deep",
        ),
        (
            nested("$a[", "]", 5000).replace('x', "1"),
            "parse error: the template is nested more than 64 levels deep",
        ),
        ("x".repeat(400_000), "parse error: a template is larger than 307200 bytes"),
        (doubling.to_owned(), "render error: the template takes too"),
        (doubling.replace("$x + $x", "\"$x$x\""), "render error: the template takes too"),
        (
            doubling.replace("$x + $x", "$x.replace(\"a\", $x)"),
            "render error: Invocation of method 'replace' failed: the template takes too",
        ),
        (
            doubling.replace("$x + $x", "$x.replaceAll(\".\", $x)"),
            "render error: Invocation of method 'replaceAll' failed: the template takes too",
        ),
        (
            "#set($l = [1, 2])#foreach($i in [1..1000])#set($d = $l.addAll($l))#end".to_owned(),
            "render error: Invocation of method 'addAll' failed: the template takes too",
        ),
        (
            "$s.repeat(2000000000)".to_owned(),
            "render error: Invocation of method 'repeat' failed: the template takes too",
        ),
        (
            "$s.format(\"%2000000000d\", 1)".to_owned(),
            "render error: Invocation of method 'format' failed: the template takes too",
        ),
        ("#set($x = [1..99999999999999])".to_owned(), "render error: the template takes too"),
        (
            "#foreach($i in [1..1000])#foreach($j in [1..1000])#foreach($k in [1..1000])#end#end#end"
                .to_owned(),
            "render error: the template takes too",
        ),
        (
            "#macro(r)#r()#end#r()".to_owned(),
            "render error: Max calling depth of 20 was exceeded in macro 'r'",
        ),
        (
            "#set($x = '#evaluate($x)')#evaluate($x)".to_owned(),
            "render error: the template is nested too deeply",
        ),
        (
            "#set($d = $list.add($list))".to_owned(),
            "render error: Invocation of method 'add' failed: a collection cannot contain itself",
        ),
        (
            "#set($m.a = $list)#set($d = $list.add({\"k\": $m}))".to_owned(),
            "render error: Invocation of method 'add' failed: a collection cannot contain itself",
        ),
        (
            "#set($l = [1])#foreach($i in [1..60])#set($l = [$l, $l])#end$l".to_owned(),
            "render error: the template takes too",
        ),
        (
            "#set($l = [1])#foreach($i in [1..60])#set($l = [$l, $l])#end$l.hashCode()".to_owned(),
            "render error: Invocation of method 'hashCode' failed: the template takes too",
        ),
        (
            "#set($l = [1])#foreach($i in [1..1000])#set($l = [$l])#end$l".to_owned(),
            "render error: a collection is nested too deeply to print",
        ),
    ] {
        let start: String = source.chars().take(60).collect();
        let rendered =
            render_within(&source, &Limits { steps: 200_000, memory_bytes: 4 << 20, ..Limits::default() });
        assert!(
            rendered.starts_with(expected),
            "{start}: {}",
            rendered.chars().take(200).collect::<String>()
        );
    }
}

/// Lists nested a million deep are dropped without a stack.
#[test]
fn deep_lists_are_dropped() {
    let source = "#foreach($i in [1..1000])#foreach($j in [1..100])#set($l = [$l])#end#end done";
    assert_eq!(render(source), " done");
}

/// As much nesting as is allowed fits on the stack of a test's thread.
#[test]
fn allowed_nesting_fits() {
    let parens = format!("#set($x = {}1{})$x", "(".repeat(60), ")".repeat(60));
    assert_eq!(render(&parens), "1");
    let ifs = format!("{}x{}", "#if(true)".repeat(60), "#end".repeat(60));
    assert_eq!(render(&ifs), "x");
    let body = format!("{}#m($x){}", "#if(true)".repeat(9), "#end".repeat(9));
    let macros = format!("#macro(m $x){body}#end#m(\"$s\")");
    assert!(render(&macros).starts_with("render error: "));
    let lists = format!("#set($x = {}1{})$x.hashCode()", "[".repeat(60), "]".repeat(60));
    assert!(!render(&lists).contains("error"));
}
