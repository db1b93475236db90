//! The versions of everything that the commands install. Nowhere else is one written.

/// The Python package that ours replaces: the oracle of conformance and the other side of the benchmark.
pub(crate) const OFFICIAL_PYTHON: &str = "openai==3.54.0";
/// The npm package that ours replaces.
pub(crate) const OFFICIAL_NODE: &str = "openai@7.57.0";
/// SHA-256 of the source distribution of that Python package, which holds its test suite. Another version has another.
pub(crate) const OFFICIAL_SDIST_SHA256: &str =
    "2e393e63f8a38be6452806f9ef0b6534fecd6d41ab3b2165180dfce3599249cd";
/// The Python package whose source distribution holds the JSON-Schema-Test-Suite,
pub(crate) const SCHEMA_SUITE: &str = "jsonschema==4.26.0";
/// and its SHA-256.
pub(crate) const SCHEMA_SUITE_SHA256: &str =
    "0c26707e2efad8aa1bfc5b7ce170f3fccc2e4918ff85989ba9ffa9facb2be326";
/// The Python package whose source distribution holds the JSONTestSuite,
pub(crate) const JSON_SUITE: &str = "pyjson5==2.0.1";
/// and its SHA-256.
pub(crate) const JSON_SUITE_SHA256: &str =
    "a5b0e322e847b198a50d8a1ef16d6b2b19129644dc018d76773e81ef1487ca39";
/// The Node that the official npm package runs on here: it refuses the oldest that ours supports.
pub(crate) const NODE_24: &str = "node@24.21.0";

/// Builds wheels.
pub(crate) const MATURIN: &str = "maturin==1.16.0";
/// Lints and formats Python.
pub(crate) const RUFF: &str = "ruff==0.17.6";
/// The other type checker that users have, for what they see of the package.
pub(crate) const MYPY: &str = "mypy==2.4.1";
/// Checks the types of Python. From npm, because the package on PyPI downloads it from there anyway.
pub(crate) const PYRIGHT: &str = "pyright@1.1.414";
/// Runs the tests of Python in several processes, hung ones included, and reads the schema of the conformance cases.
pub(crate) const PYTEST: [&str; 4] = [
    "pytest==9.2.0",
    "pytest-timeout==2.4.0",
    "pytest-xdist==3.8.0",
    "jsonschema==4.26.0",
];
/// Prints tracebacks with the variables of their frames.
pub(crate) const RICH: &str = "rich==15.0.0";
/// What the official suite imports beside the package that it tests; it runs on two processes. Without those after
/// inline-snapshot its cases for clouds, sockets and the httpx of old are left out.
pub(crate) const SUITE: [&str; 14] = [
    "pytest==9.2.0",
    "pytest-asyncio==1.5.0",
    "pytest-timeout==2.4.0",
    "pytest-xdist==3.8.0",
    RICH,
    "httpx2==2.16.2",
    "inline-snapshot==0.36.1",
    "botocore==1.43.123",
    "google-auth[requests]==2.62.2",
    "cryptography==50.0.2",
    "websockets==15.0.1",
    "httpx-aiohttp==0.2.0",
    LEGACY_HTTPX,
    NUMPY,
];
/// The mock server of the official suite.
pub(crate) const STEADY: &str = "@stdy/cli@0.22.2";
/// A server with faults that nobody here wrote.
pub(crate) const AIMOCK: &str = "@copilotkit/aimock@1.43.0";
/// What people test their own programs with.
pub(crate) const TEST_TOOLS: [&str; 3] = ["nock@14.0.17", "msw@2.15.0", "undici@7.30.2"];
/// What the audio helpers of the official package import, without which their names cannot be compared. No one version
/// is for all versions of Python.
pub(crate) const NUMPY: &str = "numpy>=2.2,<3";
/// The other event loop; there is none for Windows.
pub(crate) const UVLOOP: &str = "uvloop==0.23.0; sys_platform != 'win32'";
/// Makes the certificates of tests; what it is built on comes late to new versions of Python.
pub(crate) const TRUSTME: &str = "trustme==1.2.1";
/// The HTTP library of old, whose clients both packages take and for which we have transports,
pub(crate) const LEGACY_HTTPX: &str = "httpx==0.28.1";
/// and what answers in its place in tests.
pub(crate) const RESPX: &str = "respx==0.23.1";
/// By which the official package speaks HTTP/2, for the benchmark.
pub(crate) const H2: &str = "h2==4.4.1";
/// The other async library, beside anyio, which the official package brings.
pub(crate) const TRIO: &str = "trio==0.35.0";
/// The server that forks its workers, with the application loaded before or after. It needs a POSIX system.
pub(crate) const GUNICORN: &str = "gunicorn==27.0.1; sys_platform != 'win32'";
/// The clients that the benchmark sets beside the official ones: the official package over aiohttp,
pub(crate) const PEER_AIOHTTP: [&str; 2] = [OFFICIAL_PYTHON, "aiohttp==3.14.5"];
/// the official package over pyreqwest, whose transport is for the httpx of old,
pub(crate) const PEER_PYREQWEST: [&str; 3] = [OFFICIAL_PYTHON, "pyreqwest==0.15.1", LEGACY_HTTPX];
/// a client with a core in Rust, which pip compiles where PyPI has no wheel,
pub(crate) const PEER_OXIDE: [&str; 1] = ["openai-oxide==0.17.0"];
/// another one,
pub(crate) const PEER_LITER: [&str; 1] = ["liter-llm==2.4.0"];
/// the package of Vercel for many providers,
pub(crate) const PEER_VERCEL: [&str; 2] = ["ai@7.0.173", "@ai-sdk/openai@4.0.118"];
/// and the HTTP client alone.
pub(crate) const PEER_UNDICI: [&str; 1] = ["undici@8.12.4"];
/// What the WebSockets of the official package are made of.
pub(crate) const WS: &str = "ws@8.23.0";
/// The library of schemas that helpers of both packages take; it contains its third version, too.
pub(crate) const ZOD: &str = "zod@4.6.7";
/// The last TypeScript whose compiler is a library, which reads declarations for `import-surface`.
pub(crate) const TYPESCRIPT_API: &str = "typescript@5.9.3";

/// Compares installed Python packages with a database of known faults.
pub(crate) const PIP_AUDIT: &str = "pip-audit==2.10.1";

/// The oldest Python that ours supports, major and minor.
pub(crate) const OLDEST_PYTHON: (u32, u32) = (3, 10);
/// The oldest Node that ours supports, major.
pub(crate) const OLDEST_NODE: u32 = 20;
