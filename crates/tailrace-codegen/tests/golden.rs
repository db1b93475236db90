//! The whole generator on a small API: `tests/golden/api` must give `tests/golden/output`, to the byte.
//!
//! `UPDATE_GOLDEN=1 cargo test -p tailrace-codegen` writes the output anew, for a reader of the diff to judge.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail by panicking, in its helpers too"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use tailrace_codegen::{generate, output};

/// Tests run side by side, so each copy of the golden API gets a folder of its own.
static NEXT: AtomicUsize = AtomicUsize::new(0);

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// The error of the generator after `from` has become `to` in `file` of the golden API.
fn error_after(file: &str, from: &str, to: &str) -> String {
    let folder = std::env::temp_dir().join(format!(
        "tailrace-codegen-{}-{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    ));
    copy(&golden().join("api"), &folder);
    let text = fs::read_to_string(folder.join(file)).expect("a file of the golden API");
    assert!(text.contains(from), "{file} has no `{from}`");
    fs::write(folder.join(file), text.replacen(from, to, 1)).expect("a changed file");
    let result = generate(&folder);
    fs::remove_dir_all(&folder).expect("the folder to go away");
    match result {
        Ok(files) => panic!("{file}: `{from}` as `{to}` gives {} files", files.len()),
        Err(error) => error.to_string(),
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
        }
    }
}

#[test]
fn small_api_gives_the_committed_files() {
    let files = generate(&golden().join("api")).expect("files");
    let root = golden().join("output");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        output::write(&root, &files).expect("the files to be written");
    }
    if let Err(error) = output::check(&root, &files) {
        panic!("{error}; or UPDATE_GOLDEN=1 cargo test -p tailrace-codegen");
    }
}

#[test]
fn a_changed_missing_or_left_over_file_is_reported() {
    let files = generate(&golden().join("api")).expect("files");
    let root = std::env::temp_dir().join(format!("tailrace-codegen-output-{}", std::process::id()));
    assert_eq!(
        output::write(&root, &files).expect("files are written"),
        files.len()
    );
    assert_eq!(output::write(&root, &files).expect("files are compared"), 0);
    let file = root.join("python/tailrace/types/things/part.py");

    fs::write(&file, "# edited").expect("an edit");
    let error = output::check(&root, &files)
        .expect_err("the edit")
        .to_string();
    assert!(
        error.contains("types/things/part.py") && error.contains("cargo run -p tailrace-codegen"),
        "{error}"
    );
    fs::remove_file(&file).expect("a removal");
    output::check(&root, &files).expect_err("the missing file");
    assert_eq!(
        output::write(&root, &files).expect("the file comes back"),
        1
    );

    let stray = root.join("node/src/resources/stray.ts");
    fs::write(&stray, "").expect("a stray file");
    output::check(&root, &files).expect_err("the stray file");
    output::write(&root, &files).expect("the stray file to be removed");
    assert!(!stray.exists());
    fs::remove_dir_all(&root).expect("the folder to go away");
}

fn check(file: &str, from: &str, to: &str, expected: &str) {
    let error = error_after(file, from, to);
    assert!(
        error.contains(expected),
        "{file}: `{from}` as `{to}` gives: {error}"
    );
}

#[test]
fn python_facts_that_do_not_fit_together_are_refused_by_name() {
    let types = "python/types/things.json";
    check(types, r#""kind": "model""#, r#""kind": "modle""#, "modle");
    check(
        types,
        r#""kind": "model","#,
        r#""kind": "model", "frozen": true,"#,
        "frozen",
    );
    check(types, "Optional[int]", "Optional[whole]", "`whole`");
    check(types, "Optional[int]", "Optional[int", "expected `,`");
    check(types, "part:PartEvent", "part:Gone", "part:Gone");
    check(
        "python/resources/things.json",
        "parts:Parts",
        "parts:Gone",
        "parts:Gone",
    );
    check(
        "overlay.json",
        r#""methods": ["things.parts.create"]"#,
        r#""methods": ["things.parts.gone"]"#,
        "`strict_end` is for `things.parts.gone`",
    );
    let shelves = "python/resources/shelves.json";
    check(shelves, "outside", "inside", "inside");
    check(shelves, "Iterable[str]", "Iterable[Book]", "`Book`");
    check(
        shelves,
        "types.shelf:Shelf",
        "types.shelf:Gone",
        "types.shelf:Gone",
    );
    check(shelves, r#""silent""#, r#""loud""#, "loud");
    check(shelves, r#""raw""#, r#""some""#, "some");
    check(
        "python/root.json",
        "resources.shelves:Shelves",
        "resources.shelves:Gone",
        "resources.shelves:Gone",
    );
}

#[test]
fn operations_that_do_not_fit_the_methods_are_refused_by_name() {
    let operations = "operations/things.parts.json";
    check(operations, "colour=color", "colour=gone", "`gone`");
    check(
        operations,
        r#""stream": true"#,
        r#""stream": false"#,
        "item type",
    );
    check(operations, "create", "make", "things.parts.create");
    let shelves = "operations/shelves.json";
    for (from, to, expected) in [
        ("order[by]=order_by", "order[by]=gone", "`gone`"),
        ("{shelf_id}/content", "{gone}/content", "`gone`"),
        ("idempotency_key", "gone", "`gone`"),
        (r#""body_is": "notes""#, r#""body_is": "gone""#, "`gone`"),
        ("CursorPage", "TokenPage", "shelves.list: is a page"),
        (r#""stream": "always""#, r#""stream": "often""#, "variant"),
        (r#""with_files""#, r#""sometimes""#, "sometimes"),
        (r#""multipart": "with_files","#, "", "no multipart request"),
        (r#""binary""#, r#""bits""#, "bits"),
        (r#""watch""#, r#""look""#, "shelves.watch: has no operation"),
    ] {
        check(shelves, from, to, expected);
    }
}

#[test]
fn overlay_entries_that_are_missing_or_of_no_use_are_refused_by_name() {
    let overlay = "overlay.json";
    check(overlay, r#"part:Part""#, r#"part:Gone""#, "hand-written");
    check(
        overlay,
        r#""mixins": {"#,
        r#""mixins": {"a:Gone": "_b:C", "#,
        "`a:Gone`",
    );
    check(
        overlay,
        r#""int":"#,
        r#""complex": "builtins:complex", "int":"#,
        "`complex`",
    );
    check(overlay, "things.parts.create", "things.gone", "things.gone");
    for (from, to, expected) in [
        (r#""shelves.parse":"#, r#""shelves.gone":"#, "shelves.parse"),
        ("shelves.follow", "shelves.delete", "needs no helper"),
        (
            r#""checks": {"#,
            r#""checks": {"gone": "a:b", "#,
            "`gone` under `checks`",
        ),
        ("validate_color", "validate_gone", "validate_color"),
        (
            r#""units": {"#,
            r#""units": {"gone": "b", "#,
            "`gone` under `units`",
        ),
        (
            r#""deprecated": {"#,
            r#""deprecated": {"gone": "b", "#,
            "`gone` under `deprecated`",
        ),
        (
            r#""outside": {"#,
            r#""outside": {"gone:A": "Any", "#,
            "gone:A",
        ),
        ("lib.shelves:Handler", "lib.shelves:Other", "`Handler`"),
        ("types.shelf_events", "types.gone", "shelf_events"),
        (
            r#""by_hand": {"#,
            r#""by_hand": {"types.gone": "_a", "#,
            "types.gone",
        ),
        (
            "resources.shelves:MAX_ROWS",
            "resources.shelves:MIN",
            "MAX_ROWS",
        ),
        (
            r#""also": {"#,
            r#""also": {"resources.shelves:MIN_ROWS": "_a:b", "#,
            "MIN_ROWS",
        ),
    ] {
        check(overlay, from, to, expected);
    }
}

#[test]
fn typescript_facts_that_do_not_fit_together_are_refused_by_name() {
    let modules = "typescript/modules/resources";
    check(
        &format!("{modules}/things/things.json"),
        r#"parts#Part""#,
        r#"parts#Gone""#,
        "parts#Gone",
    );
    check(
        &format!("{modules}/index.json"),
        "resources/shared",
        "resources/gone",
        "resources/gone",
    );
    let forms = &format!("{modules}/forms/forms.json");
    check(
        forms,
        "PagePromise<ThingsPage,",
        "PagePromise<NoPage,",
        "NoPage",
    );
    check(
        forms,
        r#""render":"#,
        r#""paint":"#,
        "forms.paint: has no operation",
    );
    check(
        forms,
        r#""kind": "class""#,
        r#""kind": "procedure""#,
        "procedure",
    );
    check(
        forms,
        r#"{"kind": "alias""#,
        r#"{"kind": "function", "name": "loose", "parameters": [], "returns": "void"}, {"kind": "alias""#,
        "loose: is a function",
    );
    let overlay = "overlay.json";
    check(
        overlay,
        r#""forms.parse":"#,
        r#""forms.gone":"#,
        "forms.parse: has no operation",
    );
    check(
        overlay,
        r#""transforms": {"#,
        r#""transforms": {"forms.gone": "helpers/a#b", "#,
        "an entry for `forms.gone` is of no use",
    );
    check(
        "typescript/client.json",
        "API.Forms",
        "API.Gone",
        "exports no class of `forms`",
    );
}
