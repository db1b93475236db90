//! The laws for schemas as people write them, in every dialect: one file each in `real/`, with documents that are valid and such
//! as are not.

use std::{fs, path::Path};

use serde_json::{Value, json};
use tailrace_core::schema::Schema;

use crate::{
    laws::{self, Seen},
    random::{self, Random},
};

/// How often each document is spelled anew and given mistakes.
const MISTAKES: usize = 12;
/// Documents that are generated from each schema.
const GENERATED: usize = 20;

/// Checks the laws for the documents of a schema, which must be valid as said, for such as are like them, and for some more.
fn check(name: &str, schema: &Value, valid: &[Value], invalid: &[Value]) {
    let compiled = Schema::compile(&schema.to_string()).unwrap();
    let judge = laws::judge(schema).unwrap();
    let mut random = Random::seeded(name.len() as u64);
    let given = |documents: &[Value], is_valid: bool| {
        documents
            .iter()
            .cloned()
            .map(move |document| (document, Some(is_valid)))
            .collect::<Vec<_>>()
    };
    let mut all = given(valid, true);
    all.extend(given(invalid, false));
    all.extend((0..GENERATED).map(|_| (random::instance(&mut random, schema, schema, 8), None)));
    for (document, is_valid) in all {
        for mistakes in 0..=MISTAKES {
            let mut document = document.clone();
            for _ in 0..mistakes.min(2) {
                random::spoil(&mut random, &mut document);
            }
            // 1.0 is an integer to all drafts but the fourth, so that the given ones are written as they are.
            let spelled = match mistakes {
                0 => document.to_string(),
                _ => random::spelled(&mut random, &document),
            };
            let context = format!("{name}\ndocument {spelled}");
            let seen = laws::check(&compiled, &judge, &spelled, &context);
            if mistakes == 0
                && let Some(is_valid) = is_valid
            {
                assert_eq!(seen == Seen::Valid, is_valid, "{context}");
            }
        }
    }
}

#[test]
#[cfg_attr(
    miri,
    ignore = "it is about many steps; under Miri a few generated schemas obey the same laws"
)]
fn schemas_that_people_write_obey_the_laws() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schema/real");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let case: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let documents = |key: &str| case[key].as_array().unwrap().clone();
        let name = path.file_stem().unwrap().to_string_lossy();
        check(
            &name,
            &case["schema"],
            &documents("valid"),
            &documents("invalid"),
        );
        count += 1;
    }
    assert!(count >= 12, "{count} files");
}

#[test]
#[cfg_attr(
    miri,
    ignore = "it is about many steps, each of which takes Miri a thousand times as long"
)]
fn huge_choices_and_trivial_schemas_obey_the_laws() {
    let names: Vec<String> = (0..5_000)
        .map(|index| format!("{}-{index}", index * 7919 % 101))
        .collect();
    let code = json!({"enum": names});
    check(
        "names",
        &code,
        &[json!("0-0"), json!(names[4_999])],
        &[json!("0"), json!("0-00"), json!(0)],
    );
    let numbers: Vec<u32> = (0..5_000).collect();
    check(
        "numbers",
        &json!({"enum": numbers}),
        &[json!(4_999)],
        &[json!(5_000), json!("1")],
    );
    let branches: Vec<Value> = (0..300)
        .map(|index| json!({"properties": {"k": {"const": index}}, "required": ["k"]}))
        .collect();
    check(
        "branches",
        &json!({"oneOf": branches}),
        &[json!({"k": 299})],
        &[json!({"k": 300}), json!({})],
    );
    check("true", &json!(true), &[json!(null)], &[]);
    check("false", &json!(false), &[], &[json!(null), json!({})]);
    check("empty", &json!({}), &[json!([1, {"a": "b"}])], &[]);
}

#[test]
fn schemas_that_cannot_be_used_are_refused_in_one_sentence() {
    let draft = |name: &str| json!({"$schema": name, "type": "object"});
    for schema in [
        draft("http://json-schema.org/draft-03/schema#"),
        draft("https://example.org/a-dialect-that-nobody-knows"),
        json!({"$ref": "other.json"}),
        json!({"$ref": "https://example.org/other.json#/definitions/a"}),
        json!({"$ref": "#/$defs/missing"}),
        json!({"$ref": "#missing"}),
        json!({"type": "objekt"}),
        json!({"$schema": "http://json-schema.org/draft-04/schema#", "exclusiveMinimum": 5}),
        json!({"$schema": "http://json-schema.org/draft-04/schema#", "required": []}),
        json!({"properties": []}),
        json!({"pattern": "("}),
        json!([]),
        json!("string"),
    ] {
        let error = Schema::compile(&schema.to_string()).err();
        let said = error.map_or_else(
            || format!("{schema} is compiled"),
            |error| error.to_string(),
        );
        assert!(
            said.starts_with("the schema cannot be used: ") && said.len() < 300,
            "{said}"
        );
        println!("{schema}: {said}");
    }
}
