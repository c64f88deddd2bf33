//! Tables of template and output.

mod apigateway;

use crate::{Context, Limits, Template, Value};

fn render(source: &str) -> String {
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
    match template.render(&mut context, &Limits::default()) {
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
