//! Files as AWS documents them, and broken ones.

use super::{Row, parse};

fn row(name: &str, value: &str) -> Row {
    Row { name: name.into(), value: value.into(), is_enabled: true, ..Row::default() }
}

#[test]
fn files() {
    let first = row("MyFirstApiKey", "apikey1234abcdefghij0123456789");
    let check = |text: &str, expect: Row| assert_eq!(parse(text).unwrap(), [Ok(expect)], "{text}");
    check("Key,name\napikey1234abcdefghij0123456789,MyFirstApiKey\n", first.clone());
    check(
        "Name,key,description,Enabled,usageplanIds\r\nMyFirstApiKey,apikey1234abcdefghij0123456789,An imported key,TRUE,c7y23b",
        Row { description: "An imported key".into(), plan_ids: vec!["c7y23b".into()], ..first.clone() },
    );
    for mark in ['"', '\''] {
        let plans = format!("{mark}c7y23b, glvrsr{mark}");
        check(
            &format!(
                "\u{feff}Enabled,Name,other,key,UsageplanIds\n\nfalse,MyFirstApiKey,x,apikey1234abcdefghij0123456789,{plans}\n"
            ),
            Row { is_enabled: false, plan_ids: vec!["c7y23b".into(), "glvrsr".into()], ..first.clone() },
        );
    }
    check("key,name\nv,\"a \"\"b\"\",\nc\"", row("a \"b\",\nc", "v"));
    check("key,name\nv,it's", row("it's", "v"));
}

#[test]
fn broken_files() {
    for text in ["", "\n", "name\nx", "key,description\na,b", "key,name\n\"a,b"] {
        assert!(parse(text).is_err(), "{text}");
    }
    let lines = parse("key,name,enabled\na,b,maybe\na,b,true,more\nc,d,\n").unwrap();
    assert_eq!(lines[0], Err("Line 2: Enabled must be true or false".to_owned()));
    assert_eq!(lines[1], Err("Line 3: more fields than columns".to_owned()));
    assert_eq!(lines[2], Ok(row("d", "c")));
}
