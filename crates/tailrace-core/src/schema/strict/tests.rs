//! Rules of both forms, as a table; the tests of each host compare far more cases with its official package.

use super::{Form, rewrite};

fn check(form: Form, cases: &[(&str, &str)]) {
    for (schema, expected) in cases {
        let found = match rewrite(schema, form) {
            Ok(text) => text,
            Err(fault) => fault.kind().to_owned(),
        };
        assert_eq!(&found, expected, "{schema}");
    }
}

#[test]
fn references_with_keywords_beside_them_are_inlined() {
    check(
        Form::Inlined,
        &[
            (
                r#"{"type":"object","properties":{"a":{}}}"#,
                r#"{"type":"object","properties":{"a":{}},"additionalProperties":false,"required":["a"]}"#,
            ),
            (
                r##"{"items":{"$ref":"#/$defs/A","x":1},"$defs":{"A":{"type":"string","x":2}}}"##,
                r#"{"items":{"x":1,"type":"string"},"$defs":{"A":{"type":"string","x":2}}}"#,
            ),
            (
                r#"{"title":"o","allOf":[{"title":"i"}],"default":null}"#,
                r#"{"title":"i"}"#,
            ),
            (r#"{"items":{"anyOf":[true]}}"#, "not_a_schema"),
            (r##"{"$ref":"#/a/b","x":1,"a":{}}"##, "reference_missing"),
            (r#"{"$ref":"http://x","x":1}"#, "reference_not_local"),
            (
                r##"{"$defs":{"A":{"items":{"$ref":"#/$defs/A","x":1}}}}"##,
                "circular",
            ),
            (
                r#"{"maximum":1e400,"minimum":-0}"#,
                r#"{"maximum":1e400,"minimum":-0}"#,
            ),
            (r#"{"a""#, "not_json"),
        ],
    );
}

#[test]
fn what_strict_schemas_cannot_say_is_refused() {
    check(
        Form::Required,
        &[
            (
                r#"{"type":"object","properties":{"a":{"type":["string","null"]}}}"#,
                r#"{"type":"object","properties":{"a":{"type":["string","null"]}},"additionalProperties":false,"required":["a"]}"#,
            ),
            (
                r#"{"type":"object","properties":{"a":{"type":"string"}}}"#,
                "unsupported",
            ),
            (
                r#"{"allOf":[{"type":"object","properties":{"a":{}},"required":["a"]},{"properties":{"b":{}},"required":["b"]}]}"#,
                r#"{"type":"object","properties":{"a":{},"b":{}},"required":["a","b"],"additionalProperties":false}"#,
            ),
            (
                r#"{"type":"object","properties":{"a":{"oneOf":[]}},"required":["a"]}"#,
                "unsupported",
            ),
            (
                r#"{"type":"object","properties":{"a":true},"required":["a"]}"#,
                "mistyped",
            ),
            (r##"{"$ref":"#"}"##, "unsupported"),
        ],
    );
}

#[test]
#[cfg_attr(
    miri,
    ignore = "it is about many steps, each of which takes Miri a thousand times as long"
)]
fn hostile_schemas_are_refused() {
    for form in [Form::Inlined, Form::Required] {
        let deep = format!("{}{}", r#"{"items":"#.repeat(100_000), "}".repeat(100_000));
        check(form, &[(deep.as_str(), "too_deep")]);
        let deep = format!("{}{{}}{}", r#"{"items":"#.repeat(500), "}".repeat(500));
        check(form, &[(deep.as_str(), "too_deep")]);
    }
}
