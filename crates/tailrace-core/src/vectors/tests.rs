//! Documents with vectors, and documents with something else.

use super::*;

const NAMES: Names<'_> = Names {
    list: "data",
    vector: "v",
    index: "i",
};
/// Base64 of 1.5 and -2.
const TWO: &str = "AADAPwAAAMA=";
/// Base64 of 0.25.
const ONE: &str = "AACAPg==";

fn floats(document: &str) -> Result<(Vec<f32>, usize, usize, String), Fault> {
    read(document.as_bytes(), &NAMES).map(|found| {
        let (floats, rest) = found.bytes.as_chunks::<SIZE>();
        assert!(rest.is_empty());
        (
            floats
                .iter()
                .map(|float| f32::from_ne_bytes(*float))
                .collect(),
            found.rows,
            found.dimensions,
            String::from_utf8(found.rest).unwrap(),
        )
    })
}

#[track_caller]
fn check(document: &str, numbers: &[f32], rows: usize, rest: &str) {
    let dimensions = numbers.len().checked_div(rows).unwrap_or_default();
    assert_eq!(
        floats(document),
        Ok((numbers.to_vec(), rows, dimensions, rest.to_owned()))
    );
}

#[test]
fn vectors_are_one_block_in_the_order_of_their_indexes() {
    check(
        &format!(r#"{{"a":1,"data":[{{"v":"{TWO}"}}],"z":{{}}}}"#),
        &[1.5, -2.0],
        1,
        r#"{"a":1,"data":[],"z":{}}"#,
    );
    check(
        &format!(r#"{{"data":[{{"i":1,"v":[3,4e1],"x":[]}},{{"v":"{TWO}","i":0}}]}}"#),
        &[1.5, -2.0, 3.0, 40.0],
        2,
        r#"{"data":[]}"#,
    );
    // A slash may be escaped.
    check(
        r#"{"data":[{"v":"AACA\/w=="}]}"#,
        &[f32::from_bits(0xff80_0000)],
        1,
        r#"{"data":[]}"#,
    );
    check(r#"{"data":[]}"#, &[], 0, r#"{"data":[]}"#);
    check(r#"{"data":[{"v":""},{"v":[]}]}"#, &[], 2, r#"{"data":[]}"#);
}

#[test]
fn what_are_no_vectors_is_named() {
    let ragged = |row, found, first| Fault::Ragged { row, found, first };
    let index = |place, found: &str, rows| Fault::Index {
        place,
        found: found.to_owned(),
        rows,
    };
    for (list, fault) in [
        (r#"{"v":"AAAA"}"#, Fault::Cut { row: 0, bytes: 3 }),
        (r#"{"v":"AAA"}"#, Fault::Invalid(0)),
        (r#"{"v":"AA!APg=="}"#, Fault::Invalid(0)),
        (r#"{"v":[1,"2"]}"#, Fault::Invalid(0)),
        (r#"{"v":null}"#, Fault::NoVector(0)),
        (r#"{"i":0}"#, Fault::NoVector(0)),
        ("5", Fault::NoVector(0)),
        (
            &format!(r#"{{"v":"{TWO}"}},{{"v":"{ONE}"}}"#),
            ragged(1, 1, 2),
        ),
        (
            &format!(r#"{{"v":"{ONE}"}},{{"v":[1,2]}}"#),
            ragged(1, 2, 1),
        ),
        (r#"{"v":[1],"i":0},{"v":[1],"i":0}"#, index(1, "0", 2)),
        (r#"{"v":[1],"i":7}"#, index(0, "7", 1)),
        (r#"{"v":[1],"i":-1}"#, index(0, "-1", 1)),
    ] {
        assert_eq!(
            floats(&format!(r#"{{"data":[{list}]}}"#)),
            Err(fault),
            "{list}"
        );
    }
    assert_eq!(floats("{}"), Err(Fault::NoList("data".to_owned())));
    assert_eq!(
        floats(r#"{"data":{}}"#),
        Err(Fault::NoList("data".to_owned()))
    );
    for text in ["", "[]", "{", r#"{"data":[{"v":"AA"#, r#"{"data":[]} x"#] {
        assert_eq!(floats(text), Err(Fault::NotJson), "{text}");
    }
}

#[test]
fn a_long_first_row_asks_for_no_memory_for_rows_that_are_shorter() {
    // As one block, 100,000 rows of 100,000 numbers would be 40 GB.
    let long = "1,".repeat(99_999) + "1";
    let short = r#",{"v":[1]}"#.repeat(99_999);
    let document = format!(r#"{{"data":[{{"v":[{long}]}}{short}]}}"#);
    let fault = Fault::Ragged {
        row: 1,
        found: 1,
        first: 100_000,
    };
    assert_eq!(floats(&document), Err(fault));
}
