//! Generated schemas and documents obey the laws of beginnings; each byte is one choice of the generator.

#![no_main]

#[path = "../../crates/tailrace-core/tests/schema/laws.rs"]
#[allow(dead_code, reason = "the rest is for the tests")]
mod laws;
#[path = "../../crates/tailrace-core/tests/schema/random.rs"]
#[allow(dead_code, reason = "the rest is for the tests")]
mod random;

use random::Random;
use tailrace_core::schema::Schema;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut random = Random::given(input);
    let schema = random::schema(&mut random);
    let (Ok(compiled), Some(judge)) = (Schema::compile(&schema.to_string()), laws::judge(&schema))
    else {
        return;
    };
    let mut document = random::instance(&mut random, &schema, &schema, 5);
    for mistakes in 0..3 {
        let spelled = random::spelled(&mut random, &document);
        let context = format!("schema {schema}\ndocument {spelled}\n{mistakes} mistakes");
        laws::check(&compiled, &judge, &spelled, &context);
        random::spoil(&mut random, &mut document);
    }
});
