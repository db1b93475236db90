//! Lets the addon leave its Node-API symbols to the process that loads it.

fn main() {
    napi_build::setup();
}
