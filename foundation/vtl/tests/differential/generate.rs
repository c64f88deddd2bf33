//! Templates at random: any tokens in a row, and well-formed ones.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Any tokens in a row: what the lexer and the grammar make of them.
pub fn soup() -> impl Strategy<Value = String> {
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
    vec(pieces, 1..10).prop_map(|pieces| pieces.concat())
}

/// Well-formed templates: what evaluation makes of them.
pub fn templates() -> impl Strategy<Value = String> {
    vec(statement(), 1..6).prop_map(|parts| parts.concat())
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
