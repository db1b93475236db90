//! The laws of prefix validation, for schemas and documents that are generated and for such as people write.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests say what must hold by panicking"
)]
#![allow(clippy::cast_possible_wrap, reason = "the numbers are small")]
#![allow(
    clippy::disallowed_methods,
    reason = "a test may read a clock and the environment; the core may not"
)]

mod hostile;
mod laws;
mod random;
mod real;

use laws::Seen;
use random::Random;
use tailrace_core::schema::Schema;

/// Schemas of one run of `generated`; `TAILRACE_SCHEMA_CASES` asks for more. Miri takes a thousand times as long for each.
const SCHEMAS: u64 = if cfg!(miri) { 3 } else { 1500 };
/// Documents for each.
const DOCUMENTS: usize = 12;

#[test]
fn generated_schemas_obey_the_laws() {
    let wanted = std::env::var("TAILRACE_SCHEMA_CASES")
        .ok()
        .and_then(|number| number.parse().ok());
    let first = std::env::var("TAILRACE_SCHEMA_SEED")
        .ok()
        .and_then(|number| number.parse().ok())
        .unwrap_or(1);
    let (mut valid, mut late, mut early, mut refused) = (0, 0, 0, 0);
    for seed in first..first + wanted.unwrap_or(SCHEMAS) {
        // Some by choices of one byte, which a fuzzer can make.
        let mut random = match seed % 4 {
            0 => Random::given(&Random::seeded(seed).next().to_le_bytes()),
            _ => Random::seeded(seed),
        };
        let schema = random::schema(&mut random);
        let text = schema.to_string();
        let judge = laws::judge(&schema);
        let compiled = match Schema::compile(&text) {
            Ok(compiled) => compiled,
            Err(error) => {
                assert!(judge.is_none(), "seed {seed}: {error}\n{text}");
                refused += 1;
                continue;
            }
        };
        let judge = judge.unwrap();
        for _ in 0..DOCUMENTS {
            let document = random::instance(&mut random, &schema, &schema, 5);
            let spelled = random::spelled(&mut random, &document);
            let context = format!("seed {seed}\nschema {text}\ndocument {spelled}");
            match laws::check(&compiled, &judge, &spelled, &context) {
                Seen::Valid => valid += 1,
                Seen::Late => late += 1,
                Seen::Early => early += 1,
            }
        }
    }
    println!("{valid} valid, {early} refused early, {late} at the end, {refused} schemas refused");
    let least = SCHEMAS * 2 / 3;
    assert!(
        valid > least && early > least,
        "the documents do not show much: {valid} valid, {early} early, {late} late"
    );
}
