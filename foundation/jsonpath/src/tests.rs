//! Tables of path, document and what is found.

use serde_json::{Value, json};

use crate::{Found, Path};

fn store() -> Value {
    json!({"store": {"book": [
        {"category": "reference", "author": "Nigel Rees", "title": "Sayings of the Century", "price": 8.95},
        {"category": "fiction", "author": "Evelyn Waugh", "title": "Sword of Honour", "price": 12.99},
        {"category": "fiction", "author": "Herman Melville", "title": "Moby Dick", "isbn": "0-553-21311-3", "price": 8.99},
        {"category": "fiction", "author": "J. R. R. Tolkien", "title": "The Lord of the Rings", "isbn": "0-395-19395-8", "price": 22.99}],
        "bicycle": {"color": "red", "price": 19.95}}, "expensive": 10, "n": null, "l": [0, 1, 2, 3, 4], "o": {"a b": 1, "c.d": 2}})
}

fn found(path: &str) -> String {
    match Path::parse(path).and_then(|p| Ok(p.find(&store())?.to_text())) {
        Ok(text) => text,
        Err(error) => format!("error: {error}"),
    }
}

impl Found<std::borrow::Cow<'_, Value>> {
    fn to_text(&self) -> String {
        match self {
            Found::One(v) => v.to_string(),
            Found::Many(all) => {
                Value::Array(all.iter().map(|v| v.clone().into_owned()).collect()).to_string()
            }
            Found::Missing => "missing".to_owned(),
        }
    }
}

#[test]
fn finds() {
    for (path, expected) in [
        ("$.expensive", "10"),
        ("expensive", "10"),
        ("$['store']['bicycle'].color", "\"red\""),
        ("$.store.bicycle['color','price']", r#"{"color":"red","price":19.95}"#),
        ("$.n", "null"),
        ("$.n.x", "missing"),
        ("$.nope", "missing"),
        ("$.expensive.x", "missing"),
        ("$.l[0]", "0"),
        ("$.l[-1]", "4"),
        ("$.l[9]", "missing"),
        ("$.l[(@.length-1)]", "4"),
        ("$.l[0,2,9]", "[0,2]"),
        ("$.l[1:3]", "[1,2]"),
        ("$.l[3:]", "[3,4]"),
        ("$.l[:2]", "[0,1]"),
        ("$.l[-2:]", "[3,4]"),
        ("$.l[:-3]", "[0,1]"),
        ("$.l[*]", "[0,1,2,3,4]"),
        ("$.l.*", "[0,1,2,3,4]"),
        ("$.o['a b']", "1"),
        ("$.o[\"c.d\"]", "2"),
        ("$..isbn", r#"["0-553-21311-3","0-395-19395-8"]"#),
        ("$.store..price", "[8.95,12.99,8.99,22.99,19.95]"),
        ("$..book[2].title", r#"["Moby Dick"]"#),
        ("$..book[?(@.price < 9)].title", r#"["Sayings of the Century","Moby Dick"]"#),
        ("$.store.book[?(@.price > $.expensive && @.isbn)].title", r#"["The Lord of the Rings"]"#),
        (
            "$.store.book[?(@.category == 'fiction' && (@.price < 9 || @.author =~ /.*tolkien/i))].price",
            "[8.99,22.99]",
        ),
        ("$.store.book[?(!@.isbn)].price", "[8.95,12.99]"),
        ("$.store.book[?(@.category in ['reference','x'])].price", "[8.95]"),
        ("$.store.book[?(@.category nin ['reference','x'])].price", "[12.99,8.99,22.99]"),
        ("$.store.book[?(@.title contains 'Lord')].price", "[22.99]"),
        ("$.l[?(@ >= 3)]", "[3,4]"),
        ("$.store.book.length()", "4"),
        ("$..price.sum()", "73.87"),
        ("$.l.max()", "4.0"),
        ("$.l.min()", "0.0"),
        ("$.l.avg()", "2.0"),
        ("$.o.keys()", r#"["a b","c.d"]"#),
        ("$.store[?(@.color)]", "[]"),
        ("$..[?(@.color)].price", "[19.95]"),
        ("$.*.price", "[]"),
    ] {
        assert_eq!(found(path), expected, "{path}");
    }
}

#[test]
fn refuses() {
    for path in [
        "",
        "$.",
        "$..",
        "$[",
        "$['a",
        "$[?(@.a == ]",
        "$.a b",
        "$[?(@.a ==)]",
        "$x",
        "$['a','b'].c",
        "$.l.nope()",
        "$[?(@..a)]",
        "$[1:x]",
        "$[?]",
    ] {
        assert!(found(path).starts_with("error: "), "{path}: {}", found(path));
    }
}

#[test]
fn ends() {
    let mut deep = json!(1);
    for _ in 0..400 {
        deep = json!([deep, deep.is_null()]);
    }
    let path = Path::parse("$..*..*..*..*").unwrap();
    assert!(path.find(&deep).is_err());
    for text in [
        format!("$[?({}", "(".repeat(5000)),
        format!("$[?({}@.a)]", "!".repeat(5000)),
        "$.a".repeat(500),
        format!("$[?(@.a in {})]", "[".repeat(4000)),
    ] {
        assert!(Path::parse(&text).is_err());
    }
}
