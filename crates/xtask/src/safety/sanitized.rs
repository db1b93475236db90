//! Tests of both packages with the address sanitizer in the native modules and the leak sanitizer at the end of the process.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::interpreter;
use crate::layout;
use crate::line::Line;
use crate::node;
use crate::python::Venv;
use crate::steps::Steps;

use super::missing;

/// The only system whose loader takes the runtime of the sanitizer before everything else.
const TARGET: &str = "x86_64-unknown-linux-gnu";
/// Streams, calls, errors, forms, structured answers, models, arrays and WebSockets.
const PYTHON: [&str; 16] = [
    "test_accumulator.py",
    "test_async.py",
    "test_bodies.py",
    "test_embedding_arrays.py",
    "test_exceptions.py",
    "test_files.py",
    "test_lifecycle_cancel.py",
    "test_malformed.py",
    "test_models.py",
    "test_multipart.py",
    "test_native_relay.py",
    "test_partial_json.py",
    "test_schema.py",
    "test_streaming.py",
    "test_structured_chat.py",
    "test_websockets.py",
];
/// The same for Node. A program that `process.exit` ends leaves V8's heap as it is, and with it every object that JavaScript
/// holds, ours among them: without any package, too. So `websocket-life.test.mjs`, which has such a program, is none of them.
const NODE: [&str; 9] = [
    "chat-stream.test.mjs",
    "embedding-arrays.test.mjs",
    "errors.test.mjs",
    "partial-json.test.mjs",
    "patterns.test.mjs",
    "schema.test.mjs",
    "streaming.test.mjs",
    "uploads.test.mjs",
    "websockets.test.mjs",
];

pub(crate) fn run(steps: &mut Steps) {
    let Some(runtime) = runtime(steps) else {
        return;
    };
    let built = steps.run(
        "build both native modules with the address sanitizer",
        build,
    );
    let tree = steps.run_with("a tree with them", built, |built| tree(&built));
    steps.run_with("Python under the sanitizers", tree.as_ref(), |tree| {
        python(tree, &runtime)
    });
    steps.run_with("Node under the sanitizers", tree.as_ref(), |tree| {
        node(tree, &runtime)
    });
}

/// The runtime of the sanitizer as a library that can be loaded first.
fn runtime(steps: &mut Steps) -> Option<PathBuf> {
    let name = "sanitizers";
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        steps.skip(name, format!("they are run on {TARGET} only"));
        return None;
    }
    let probe = Line::new("rustc").args(["+nightly", "--version"]);
    if let Some(why) = missing(&probe, "rustup toolchain install nightly") {
        steps.skip(name, why);
        return None;
    }
    // GCC's speaks the same version of the interface as that of LLVM.
    let asked = Line::new("gcc").arg("-print-file-name=libasan.so").read();
    let path = asked.map(|path| PathBuf::from(path.trim()));
    match path.ok().and_then(|path| path.canonicalize().ok()) {
        Some(path) => Some(path),
        None => {
            steps.skip(
                name,
                "`gcc` or its libasan is missing; `apt-get install gcc`",
            );
            None
        }
    }
}

/// Both modules, C libraries included; returns the folder that holds them.
fn build() -> Result<PathBuf, Failure> {
    let folder = layout::work("safety/sanitized");
    Line::cargo()
        .args(["+nightly", "build", "--locked", "--target", TARGET])
        .args(["--package", "tailrace-python", "--package", "tailrace-node"])
        .env("CARGO_TARGET_DIR", &folder)
        .env("RUSTFLAGS", "-Zsanitizer=address")
        .env(
            "CFLAGS_x86_64_unknown_linux_gnu",
            "-fsanitize=address -fno-omit-frame-pointer",
        )
        .run()?;
    Ok(folder.join(TARGET).join("debug"))
}

/// A copy of what the tests need, with these modules in place of the usual ones.
fn tree(built: &Path) -> Result<PathBuf, Failure> {
    let tree = layout::work("safety/tree");
    node::install()?;
    node::build_typescript()?;
    layout::remove(&tree)?;
    layout::create(&tree)?;
    let copy = Line::new("cp").args([
        "--recursive",
        "python",
        "tests",
        "node",
        "package.json",
        "pyproject.toml",
    ]);
    copy.arg(&tree).run()?;
    layout::create(&tree.join("node/native"))?;
    for (from, to) in [
        ("lib_native.so", "python/tailrace/_native.abi3.so"),
        ("libtailrace_node.so", "node/native/tailrace.node"),
    ] {
        let (from, to) = (built.join(from), tree.join(to));
        std::fs::copy(&from, &to).map_err(|error| Failure::io(&from, &error))?;
    }
    Ok(tree)
}

fn sanitized(program: impl AsRef<std::ffi::OsStr>, tree: &Path, runtime: &Path) -> Line {
    let leaks = layout::root().join("tests/safety/leaks.txt");
    Line::new(program)
        .within(tree)
        .env("LD_PRELOAD", runtime)
        .env(
            "ASAN_OPTIONS",
            "detect_leaks=1:fast_unwind_on_malloc=0:malloc_context_size=40",
        )
        .env(
            "LSAN_OPTIONS",
            format!("suppressions={}:print_suppressions=1", leaks.display()),
        )
}

fn python(tree: &Path, runtime: &Path) -> Result<(), Failure> {
    let found = interpreter::find();
    let venv = Venv::of_tests(found.preferred()?)?;
    let tests = PYTHON.map(|test| format!("tests/python/{test}"));
    sanitized(venv.python(), tree, runtime)
        .args([
            "-m",
            "pytest",
            "--quiet",
            "-p",
            "no:cacheprovider",
            "--timeout=600",
        ])
        .args(tests)
        .env("PYTHONPATH", tree.join("python"))
        // Otherwise small objects are parts of blocks that the sanitizer knows nothing of.
        .env("PYTHONMALLOC", "malloc")
        .run()
}

fn node(tree: &Path, runtime: &Path) -> Result<(), Failure> {
    let tests = NODE.map(|test| format!("tests/node/{test}"));
    sanitized("node", tree, runtime)
        .args(["--test", "--test-concurrency=1"])
        .args(tests)
        .run()
}
