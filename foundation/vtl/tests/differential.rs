//! Ours against the real ones: Debian's `velocity` 1.7 and `libjsonpath-java`, run side by side over hand-written and generated templates and paths.
//!
//! Needs a JDK and Debian's packages `velocity` and `libjsonpath-java`; without them the tests say so and pass, unless `LOGGIA_ORACLE=required` is set, as CI
//! does. `LOGGIA_SEED=n` generates other templates and paths.
//!
//! Where the two differ on purpose, a row of [`EXCEPTIONS`] or [`PATH_EXCEPTIONS`] says why.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::path::Path as File;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use vtl::{Context, Limits, Template, Value};

const JARS: [&str; 8] = [
    "velocity",
    "commons-collections3",
    "commons-lang",
    "json-path",
    "json-smart",
    "slf4j-api",
    "asm",
    "accessors-smart",
];
const JAR_FOLDER: &str = "/usr/share/java";

/// Generated templates and paths of one run.
const GENERATED: u32 = 3_000;

/// Pieces of templates for which the two differ on purpose.
const EXCEPTIONS: [(&str, &str); 3] = [
    (".class", "there is no reflection"),
    (".chars()", "there are no streams"),
    ("$s.split(\"l\") ", "an array prints its elements, in Java its address"),
];

/// Paths for which the two differ on purpose.
const PATH_EXCEPTIONS: [(&str, &str); 3] = [
    ("$[\"o\"]", "double quotes are later than Jayway 2.0"),
    (
        "$.bools[?(@.v == 1)].id",
        "Jayway 2.0 reads a number as a text and a text as a boolean, so that 1 equals false",
    ),
    ("$.bools[?(@.v > 0)].id", "the same"),
];

struct Oracle {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Oracle {
    fn start() -> Option<Oracle> {
        let missing = JARS.iter().find(|jar| {
            !File::new(&format!("{JAR_FOLDER}/{jar}.jar")).exists() && **jar != "accessors-smart"
        });
        let java = Command::new("javac").arg("-version").output().is_ok();
        if let (Some(_), _) | (None, false) = (missing, java) {
            let why = missing
                .map_or("there is no JDK".to_owned(), |jar| format!("{JAR_FOLDER}/{jar}.jar is missing"));
            assert_ne!(std::env::var("LOGGIA_ORACLE").as_deref(), Ok("required"), "{why}");
            eprintln!("SKIPPED: {why}; apt-get install default-jdk-headless velocity libjsonpath-java");
            return None;
        }
        let jars: Vec<String> = JARS.iter().map(|jar| format!("{JAR_FOLDER}/{jar}.jar")).collect();
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/Oracle.java");
        let mut child = Command::new("java")
            .args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", &jars.join(":"), source])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("java starts");
        let to = child.stdin.take().expect("stdin is piped");
        let from = BufReader::new(child.stdout.take().expect("stdout is piped"));
        Some(Oracle { child, to, from })
    }

    fn ask(&mut self, question: &str) -> (String, String) {
        writeln!(self.to, "{question}").expect("the oracle listens");
        let mut line = String::new();
        self.from.read_line(&mut line).expect("the oracle answers");
        let (kind, text) = line.trim_end_matches('\n').split_once(' ').expect("an answer has a kind");
        (kind.to_owned(), String::from_utf8(STANDARD.decode(text).expect("Base64")).expect("UTF-8"))
    }

    fn template(&mut self, source: &str) -> Result<String, String> {
        match self.ask(&format!("V {}", STANDARD.encode(source))) {
            (kind, text) if kind == "TEXT" => Ok(text),
            (_, text) => Err(text),
        }
    }

    fn path(&mut self, path: &str, document: &str) -> (String, String) {
        self.ask(&format!("J {} {}", STANDARD.encode(path), STANDARD.encode(document)))
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ours(source: &str) -> Result<String, String> {
    let document =
        "{\"a\":1,\"b\":[{\"c\":5,\"d\":\"x/y\\\"'\\u00e9\\u2028\"},1.50,1e3,true,null],\"o\":{\"k\":[1]}}";
    let template = Template::parse(source).map_err(|e| format!("parse: {e}"))?;
    let mut context = Context::new();
    context.set("m", Value::map([("a", Value::Integer(1)), ("b", Value::text("two"))]));
    context.set("list", Value::list(["x", "y", "z"].map(Value::text).to_vec()));
    context.set("s", Value::text("Hello"));
    context.set("n", Value::Integer(7));
    context.set("d", Value::Float(2.5));
    context.set("t", Value::Bool(true));
    context.set("f", Value::Bool(false));
    context.set("j", Value::from_json(document).expect("the document is JSON"));
    template.render(&mut context, &Limits::default()).map_err(|e| format!("render: {e}"))
}

/// What is different, if anything.
fn difference(oracle: &mut Oracle, source: &str) -> Option<String> {
    if EXCEPTIONS.iter().any(|(piece, _)| source.contains(piece)) {
        return None;
    }
    if source.contains(".hashCode()") && source.contains("#define") {
        // The hash of a block is its address.
        return None;
    }
    let (theirs, ours) = (oracle.template(source), ours(source));
    match (&theirs, &ours) {
        (Ok(theirs), Ok(ours)) if theirs == ours => None,
        (Err(_), Err(_)) => None,
        // An empty #literal() lets Velocity stumble.
        (Err(theirs), Ok(_)) if theirs.contains("Cannot read field \"kind\" because \"t\" is null") => None,
        _ => Some(format!("template {source:?}\n  Velocity: {theirs:?}\n  ours:     {ours:?}")),
    }
}

#[test]
fn hand_written_templates_render_as_velocity() {
    let Some(mut oracle) = Oracle::start() else { return };
    let text = include_str!("differential/templates.txt");
    let different: Vec<String> = text
        .split("\n====\n")
        .filter_map(|source| difference(&mut oracle, source.strip_suffix('\n').unwrap_or(source)))
        .collect();
    assert!(different.is_empty(), "{} templates differ:\n{}", different.len(), different.join("\n"));
}

/// A runner whose seed is printed.
fn runner(name: &str) -> TestRunner {
    let seed: u64 = std::env::var("LOGGIA_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1);
    eprintln!("{name}: LOGGIA_SEED={seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config =
        Config { cases: GENERATED, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

fn check_generated(name: &str, strategy: &impl Strategy<Value = String>) {
    let Some(oracle) = Oracle::start() else { return };
    let oracle = RefCell::new(oracle);
    let result = runner(name).run(strategy, |source| match difference(&mut oracle.borrow_mut(), &source) {
        None => Ok(()),
        Some(difference) => Err(TestCaseError::fail(difference)),
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// Anything next to anything: what the lexer makes of it.
#[test]
fn soup_of_tokens_renders_as_velocity() {
    let pieces = select(vec![
        "$",
        "$!",
        "${",
        "$!{",
        "}",
        "{",
        "#",
        "##",
        "#*",
        "*#",
        "#[[",
        "]]#",
        "\\",
        "\\\\",
        "s",
        "n",
        "nope",
        "m",
        "list",
        ".",
        "..",
        "[",
        "]",
        "(",
        ")",
        "\"",
        "'",
        ",",
        ":",
        " ",
        "\n",
        "\t",
        "0",
        "1",
        "-1",
        "2.5",
        "true",
        "false",
        "$s",
        "$n",
        "$m",
        "$list",
        "$nope",
        "${s}",
        "$!nope",
        ".a",
        ".length()",
        ".size()",
        "[0]",
        "[\"a\"]",
        ".foo",
        ".get(0)",
        ".substring(1)",
        "#if(",
        "#if($t)",
        "#if($f)",
        "#else",
        "#elseif($t)",
        "#{else}",
        "#end",
        "#end\n",
        "#{end}",
        "#set(",
        "#set($x = ",
        "#set($x=1)",
        " #set($s = \"q\")\n",
        "#foreach($x in $list)",
        "#foreach($x in [1..2])",
        "$x",
        "$foreach.count",
        "#break",
        "#stop",
        "#macro(mac $a)",
        "#mac(",
        "#mac($s)",
        "#mac(1)",
        "$a",
        "#define($x)",
        "#evaluate(\"$s\")",
        "#literal()",
        "#nope",
        "#nope(1)",
        "+",
        "-",
        "*",
        "/",
        "%",
        "==",
        "!=",
        "<",
        ">=",
        "&&",
        "||",
        "!",
        "and",
        "or",
        "not",
        "eq",
        "=",
        "é",
        "x",
        "text",
        "in",
    ]);
    check_generated("soup", &vec(pieces, 1..10).prop_map(|pieces| pieces.concat()));
}

/// Well-formed templates: what evaluation makes of them.
#[test]
fn generated_templates_render_as_velocity() {
    check_generated("templates", &vec(statement(), 1..6).prop_map(|parts| parts.concat()));
}

fn reference() -> impl Strategy<Value = String> {
    let root = select(vec!["s", "n", "d", "t", "f", "m", "list", "nope", "x", "y", "j"]);
    let part = select(vec![
        "",
        "",
        "",
        ".a",
        ".b",
        ".foo",
        ".length()",
        ".size()",
        ".toString()",
        ".isEmpty()",
        ".get(0)",
        ".get(\"a\")",
        ".hashCode()",
        ".empty",
        ".keySet()",
        ".values()",
        ".contains(\"x\")",
        ".indexOf(\"l\")",
        ".equals($s)",
        ".substring(1)",
        ".replace(\"l\", \"_\")",
        ".toUpperCase()",
        ".concat(\"$n\")",
        ".add(1)",
        ".put(\"k\", $n)",
        ".intValue()",
        ".compareTo(3)",
        "[0]",
        "[\"a\"]",
        "[-1]",
    ]);
    (root, part.clone(), part, 0..4).prop_map(|(root, first, second, shape)| match shape {
        0 => format!("${root}{first}{second}"),
        1 => format!("${{{root}{first}{second}}}"),
        2 => format!("$!{root}{first}"),
        _ => format!("$!{{{root}{first}{second}}}"),
    })
}

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        select(vec![
            "1",
            "0",
            "-3",
            "2.5",
            "10",
            "true",
            "false",
            "\"a\"",
            "'b'",
            "\"\"",
            "[]",
            "[1, 2]",
            "[1..3]",
            "{}",
            "{\"k\": 1}",
            "\"$s!\"",
            "\"7\""
        ])
        .prop_map(str::to_owned),
        reference(),
    ];
    let operator = select(vec![
        "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "and", "or", "eq", "ne", "lt",
        "ge",
    ]);
    leaf.prop_recursive(3, 12, 2, move |inner| {
        prop_oneof![
            (inner.clone(), operator.clone(), inner.clone()).prop_map(|(l, o, r)| format!("{l} {o} {r}")),
            inner.clone().prop_map(|e| format!("({e})")),
            inner.prop_map(|e| format!("!{e}")),
        ]
    })
}

fn statement() -> impl Strategy<Value = String> {
    let blank = || select(vec!["", " ", "\n", "  \n", "\n\n", "\t"]);
    let leaf = prop_oneof![
        select(vec!["text", " ", "\n", ", ", "a.b", "\\", "#", "$", "## c\n", "#* c *#", "{}", "(x)"])
            .prop_map(str::to_owned),
        (reference(), select(vec!["", " ", ".", ",", "x"])).prop_map(|(r, after)| r + after),
        (blank(), select(vec!["x", "y", "m.k", "list[0]", "m[\"z\"]"]), expression(), blank())
            .prop_map(|(before, name, value, after)| format!("{before}#set(${name} = {value}){after}")),
        expression().prop_map(|e| format!("#if({e})T#{{else}}F#end")),
        reference().prop_map(|r| format!("\\{r}")),
        expression().prop_map(|e| format!("#mac({})", e.split(' ').next().unwrap_or_default())),
        expression().prop_map(|e| format!("#set($x = \"<${{s}}>\" + {e})$x")),
    ];
    leaf.prop_recursive(3, 16, 3, move |inner| {
        let body = vec(inner, 0..3).prop_map(|parts| parts.concat());
        prop_oneof![
            (expression(), blank(), body.clone(), blank(), body.clone(), blank())
                .prop_map(|(e, a, yes, b, no, c)| format!("#if({e}){a}{yes}#else{b}{no}#end{c}")),
            (reference(), blank(), body.clone(), blank())
                .prop_map(|(r, a, b, c)| format!("#foreach($y in {r}){a}{b}$foreach.index#end{c}")),
            (blank(), body.clone())
                .prop_map(|(a, b)| format!("#foreach($x in [1..3]){a}{b}#if($foreach.hasNext),#end#end")),
            body.clone().prop_map(|b| format!("#define($y){b}#end")),
            body.prop_map(|b| format!("#macro(mac $x)[{b}]#end")),
        ]
    })
}

const DOCUMENTS: [&str; 2] = [
    r#"{"a":1,"b":[{"c":5},1.5,null],"o":{"k":[1],"a b":1,"c.d":2,"$weird":3,"@type":4,"a-b":5,"a_b":6,"é":7},
"store":{"book":[{"category":"reference","author":"Nigel Rees","title":"Sayings of the Century","price":8.95},
{"category":"fiction","author":"Evelyn Waugh","title":"Sword of Honour","price":12.99},
{"category":"fiction","author":"Herman Melville","title":"Moby Dick","isbn":"0-553-21311-3","price":8.99},
{"category":"fiction","author":"J. R. R. Tolkien","title":"The Lord of the Rings","isbn":"0-395-19395-8","price":22.99}],
"bicycle":{"color":"red","price":19.95}},"expensive":10,"n":null,"l":[0,1,2,3,4],"a b":9,
"bools":[{"id":1,"v":true},{"id":2,"v":false},{"id":3,"v":null},{"id":4},{"id":5,"v":1},{"id":6,"v":"x"},{"id":7,"v":"1"},{"id":8,"v":[]}],
"nested":[[1,[2]],[[3],4]],"e":[],"eo":{},"s":"text","deep":[{"x":{"x":1,"y":2}},{"z":[{"x":3}]},5],"big":12345678901234567890,"neg":-0.5,"u":"\u2028/é"}"#,
    r#"[{"a":1,"store":[]},[1,2],"x",null]"#,
];

/// What ours finds, in the oracle's words.
fn found(path: &str, document: &str) -> (String, String) {
    let Ok(path) = jsonpath::Path::parse(path) else { return ("ERROR".into(), String::new()) };
    let document = Value::from_json(document).expect("the document is JSON");
    match path.find_node(document) {
        Err(error) => ("ERROR".into(), error.message),
        Ok(jsonpath::Found::Missing) => ("MISSING".into(), String::new()),
        Ok(jsonpath::Found::One(value)) => ("ONE".into(), value.to_json().expect("small")),
        Ok(jsonpath::Found::Many(values)) => {
            ("MANY".into(), <Value as jsonpath::Node>::array(values).to_json().expect("small"))
        }
    }
}

fn path_difference(oracle: &mut Oracle, path: &str, document: &str) -> Option<String> {
    if PATH_EXCEPTIONS.iter().any(|(known, _)| *known == path) {
        return None;
    }
    let (theirs, ours) = (oracle.path(path, document), found(path, document));
    let parsed = jsonpath::Path::parse(path);
    let same = match (theirs.0.as_str(), ours.0.as_str()) {
        ("ERROR" | "MISSING", "ERROR" | "MISSING") => true,
        // Jayway 2.0 gives up on an indefinite path when something within is missing or of another kind; later versions and ours pass it over.
        ("ERROR" | "MISSING", "MANY") => parsed.is_ok_and(|p| !p.is_definite()),
        // Negative indexes are later than Jayway 2.0.
        ("ERROR" | "MISSING", "ONE") => path.contains("[-"),
        _ => theirs == ours || (theirs.0 == ours.0 && same_json(&theirs.1, &ours.1)),
    };
    (!same).then(|| format!("path {path:?}\n  Jayway: {theirs:?}\n  ours:   {ours:?}"))
}

/// The order of keys and the form of numbers aside.
fn same_json(left: &str, right: &str) -> bool {
    let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    parse(left).is_some_and(|l| Some(l) == parse(right))
}

#[test]
fn hand_written_paths_find_what_jayway_finds() {
    let Some(mut oracle) = Oracle::start() else { return };
    let mut different = Vec::new();
    for path in include_str!("differential/paths.txt").lines() {
        for document in DOCUMENTS {
            different.extend(path_difference(&mut oracle, path, document));
        }
    }
    assert!(different.is_empty(), "{} paths differ:\n{}", different.len(), different.join("\n"));
}

#[test]
fn generated_paths_find_what_jayway_finds() {
    let Some(oracle) = Oracle::start() else { return };
    let oracle = RefCell::new(oracle);
    let step = select(vec![
        ".a",
        ".b",
        ".o",
        ".k",
        ".store",
        ".book",
        ".title",
        ".price",
        ".bicycle",
        ".l",
        ".zz",
        "['a']",
        "['a b']",
        "['title','price']",
        "[0]",
        "[1]",
        "[9]",
        "[0,1]",
        "[1:3]",
        "[:2]",
        "[2:]",
        "[-2:]",
        "[:-1]",
        "[*]",
        ".*",
        "..a",
        "..price",
        "..x",
        "..*",
        "..[0]",
        "[?(@.price > 9)]",
        "[?(@.isbn)]",
        "[?(!@.isbn)]",
        "[?(@.category == 'fiction')]",
        "[?(@.v != 'x')]",
        "[?(@.v == null)]",
        "[?(@ > 2)]",
        "[(@.length-1)]",
        "[?(@.title =~ /.*o.*/)]",
        ".bools",
        ".nested",
        ".deep",
        ".id",
    ]);
    let result = runner("paths").run(&vec(step, 0..5), |steps| {
        let path = format!("${}", steps.concat());
        match path_difference(&mut oracle.borrow_mut(), &path, DOCUMENTS[0]) {
            None => Ok(()),
            Some(difference) => Err(TestCaseError::fail(difference)),
        }
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
