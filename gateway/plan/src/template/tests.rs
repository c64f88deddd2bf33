//! Which templates are plain text, and how stage variables are filled in.

use proptest::prelude::*;

use super::*;

fn check(template: &str, is_text: bool) {
    let found = Template::new(template);
    assert_eq!(matches!(found, Template::Text(_)), is_text, "{template}");
    assert!(is_text || matches!(found, Template::Velocity(_)), "{template}");
}

#[test]
fn plain_text_and_velocity() {
    check(r#"{"statusCode": 200}"#, true);
    check("{\"price\": \"5$\", \"id\": \"#1\"}", true);
    check("$input.json('$')", false);
    check("${context.requestId}", false);
    check("$!x", false);
    check("#set($x = 1)", false);
    check("## a comment", false);
}

#[test]
fn names_of_variables() {
    let check = |source: &str, expect: (bool, bool, bool)| match Template::new(source) {
        Template::Velocity(of) => {
            assert_eq!((of.uses_context, of.uses_parameters, of.uses_stage_variables), expect, "{source}");
        }
        other => panic!("{source} is {other:?}"),
    };
    check("$input.json('$')", (false, false, false));
    check("${context.stage} $input.params('a')", (true, true, false));
    check("$!stageVariables.x", (false, false, true));
    check("#evaluate($input.body)", (true, true, true));
}

#[test]
fn broken_templates() {
    for source in ["#if($x)", "#set($x = )", "$input.json('$"] {
        assert!(matches!(Template::new(source), Template::Broken(why) if why.contains("line 1")), "{source}");
    }
}

#[test]
fn stage_variables() {
    let variables = BTreeMap::from([("alias".to_owned(), "PROD".to_owned())]);
    let check = |text, expect| assert_eq!(fill_stage_variables(text, &variables), expect);
    check("function:f:${stageVariables.alias}/invocations", "function:f:PROD/invocations");
    check("${stageVariables.host}.example", ".example");
    check("a${stageVariables.alias", "a${stageVariables.alias");
    check("plain", "plain");
}

proptest! {
    #[test]
    fn any_text(text in "([${}#a-z.]|stageVariables|\\PC){0,30}") {
        let variables = BTreeMap::from([("a".to_owned(), "${stageVariables.a}".to_owned())]);
        let filled = fill_stage_variables(&text, &variables);
        // What is filled in is not looked at again.
        if !text.contains("${stageVariables.") {
            prop_assert_eq!(&filled, &text);
        }
        if let Template::Text(rendered) = Template::new(&text) {
            prop_assert_eq!(rendered, text);
        }
    }
}
