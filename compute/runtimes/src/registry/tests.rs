//! Which interpreter is chosen for which runtime, and what is said about it.

use super::*;

fn interpreters(list: &[(Family, (u16, u16, u16))]) -> Interpreters {
    let found = list.iter().map(|(family, version)| Interpreter {
        family: *family,
        version: *version,
        path: PathBuf::from(format!("/opt/{}", version.0 * 100 + version.1)),
        mount: None,
    });
    Interpreters { found: found.collect() }
}

fn check(list: &[(Family, (u16, u16, u16))], runtime: &str, expect: Result<((u16, u16, u16), &str), &str>) {
    let interpreters = interpreters(list);
    let runtime = Runtime::parse(runtime).unwrap();
    match (interpreters.choose(runtime), expect) {
        (Ok(choice), Ok((version, note))) => {
            assert_eq!((choice.interpreter.version, choice.note.as_deref().unwrap_or("")), (version, note));
        }
        (Err(error), Err(text)) => assert_eq!(error.to_string(), text),
        (got, expect) => panic!("{}: {got:?} instead of {expect:?}", runtime.id),
    }
}

#[test]
fn the_nearest_version_is_chosen() {
    use Family::{Node, Python};
    let list = &[
        (Node, (16, 0, 0)),
        (Node, (20, 1, 1)),
        (Node, (24, 0, 0)),
        (Python, (3, 7, 1)),
        (Python, (3, 11, 2)),
        (Python, (3, 13, 0)),
    ];
    check(list, "nodejs20.x", Ok(((20, 1, 1), "")));
    check(list, "python3.13", Ok(((3, 13, 0), "")));
    check(
        list,
        "nodejs22.x",
        Ok((
            (24, 0, 0),
            "nodejs22.x functions run on Node.js 24 (/opt/2400): the version asked for is not installed",
        )),
    );
    check(
        list,
        "nodejs16.x",
        Ok((
            (20, 1, 1),
            "nodejs16.x functions run on Node.js 20 (/opt/2001): the version asked for is not installed",
        )),
    );
    check(
        list,
        "python3.12",
        Ok((
            (3, 13, 0),
            "python3.12 functions run on Python 3.13 (/opt/313): the version asked for is not installed",
        )),
    );
    check(
        list,
        "python3.7",
        Ok((
            (3, 11, 2),
            "python3.7 functions run on Python 3.11 (/opt/311): the version asked for is not installed",
        )),
    );
    check(list, "python2.7", Err("python2.7 is not supported: Python 2 programs do not run on Python 3"));
    check(list, "java21", Err("java21 is not supported: no bootstrap for Java exists yet"));
    check(
        &list[..1],
        "nodejs20.x",
        Err("nodejs20.x cannot run: no usable Node.js was found on this machine (18 or later is needed)"),
    );
}

#[test]
fn identifiers_are_unique_and_parsed() {
    for (index, runtime) in RUNTIMES.iter().enumerate() {
        assert_eq!(RUNTIMES.iter().position(|other| other.id == runtime.id), Some(index), "{}", runtime.id);
    }
    assert_eq!(Runtime::parse("nodejs24.x").unwrap().version, (24, 0));
    assert!(Runtime::parse("nodejs20.x").unwrap().deprecated);
    assert_eq!(Runtime::parse("nodejs21.x"), None);
}
