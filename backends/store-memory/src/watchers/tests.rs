//! Which keys a watcher is called with.

use super::*;

fn check(prefix: &str, expect: &[&str]) {
    let key = |path: &str| {
        path.split('/').filter(|part| !part.is_empty()).fold(Key::new(), |key, part| key.text(part))
    };
    let mut keys: Vec<Key> = ["a", "a/b", "a/b/c", "ab", "b", "c/d"].iter().map(|path| key(path)).collect();
    keys.sort_unstable();
    let expect: Vec<Key> = expect.iter().map(|path| key(path)).collect();
    assert_eq!(below(&keys, &key(prefix)), expect, "{prefix}");
}

#[test]
fn only_what_is_below_the_prefix() {
    check("a", &["a", "a/b", "a/b/c"]);
    check("a/b", &["a/b", "a/b/c"]);
    check("b", &["b"]);
    check("c", &["c/d"]);
    check("d", &[]);
    check("", &["a", "a/b", "a/b/c", "ab", "b", "c/d"]);
}

#[test]
fn a_watcher_that_panics_does_not_silence_the_others() {
    let watchers = Watchers::default();
    let heard = Arc::new(Mutex::new(0));
    let _first = watchers.add(Key::new(), Arc::new(|_| panic!("as the test wants")));
    let counter = heard.clone();
    let _second = watchers.add(Key::new(), Arc::new(move |keys| *counter.lock().unwrap() += keys.len()));
    watchers.notify(&[Key::new().text("a")]);
    assert_eq!(*heard.lock().unwrap(), 1);
}
