//! `tailrace-floor`: the least that a client could cost.
//!
//! One thread sends the requests of the benchmark over plain sockets and parses the JSON of every answer into values.
//! It makes no object of Python or JavaScript out of them, has no timeouts, retries nothing and trusts the server. What a
//! client costs above this is its own.
//!
//! Invariants:
//! * It depends on no crate of ours: a floor that shared the decoder would move with it.
//! * Each connection sends its next request when it has read the last answer to its end.

mod answer;
mod json;
mod measure;
mod socket;

use std::process::ExitCode;

use answer::Operation;
use measure::Counts;
use socket::Socket;
use tokio::runtime::Builder;
use tokio::task::JoinSet;

const USAGE: &str = "\
usage: tailrace-floor BASE_URL chat|responses|call|embeddings AT_ONCE EACH [--stamped] [--utf16]

  AT_ONCE    connections
  EACH       requests of each connection, one after another
  --stamped  texts begin with the time of their write: measure the delay
  --utf16    count letters as JavaScript does";

/// The texts of one request for embeddings.
const TEXTS: usize = 2048;

/// The command line.
#[derive(Clone, Debug)]
struct Arguments {
    /// `127.0.0.1:80`.
    address: String,
    operation: Operation,
    at_once: usize,
    each: usize,
    is_stamped: bool,
    is_utf16: bool,
}

fn main() -> ExitCode {
    let Some(arguments) = read(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    };
    match run(&arguments) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("tailrace-floor: {why}");
            ExitCode::FAILURE
        }
    }
}

fn read(words: impl Iterator<Item = String>) -> Option<Arguments> {
    let (options, words): (Vec<String>, Vec<String>) =
        words.partition(|word| word.starts_with("--"));
    let [url, operation, at_once, each] = words.as_slice() else {
        return None;
    };
    let known = |option: &String| ["--stamped", "--utf16"].contains(&option.as_str());
    let has = |name: &str| options.iter().any(|option| option == name);
    options.iter().all(known).then_some(())?;
    Some(Arguments {
        address: url.strip_prefix("http://")?.split('/').next()?.to_owned(),
        operation: Operation::of(operation)?,
        at_once: at_once.parse().ok()?,
        each: each.parse().ok()?,
        is_stamped: has("--stamped"),
        is_utf16: has("--utf16"),
    })
}

fn run(arguments: &Arguments) -> Result<String, String> {
    let runtime = Builder::new_current_thread().enable_io().build();
    let runtime = runtime.map_err(|error| format!("the runtime cannot start: {error}"))?;
    runtime.block_on(async {
        let short = request(arguments, true);
        let whole = request(arguments, false);
        let mut sockets = Vec::with_capacity(arguments.at_once);
        for _ in 0..arguments.at_once {
            sockets.push(Socket::open(&arguments.address).await?);
        }
        // The first answers find the connections and the server cold.
        let (sockets, _) = turn(arguments, sockets, &short, 1).await?;
        let region = measure::Region::start();
        let (_, counts) = turn(arguments, sockets, &whole, arguments.each).await?;
        Ok(region.line(counts))
    })
}

/// Lets every socket send the request so often, all side by side.
async fn turn(
    arguments: &Arguments,
    sockets: Vec<Socket>,
    request: &str,
    times: usize,
) -> Result<(Vec<Socket>, Counts), String> {
    let mut tasks = JoinSet::new();
    for mut socket in sockets {
        let (request, arguments) = (request.to_owned(), arguments.clone());
        tasks.spawn(async move {
            let mut counts = Counts::new(arguments.is_stamped, arguments.is_utf16);
            for _ in 0..times {
                socket.send(&request).await?;
                answer::read(&mut socket, arguments.operation, &mut counts).await?;
            }
            Ok::<_, String>((socket, counts))
        });
    }
    let mut all = Counts::new(arguments.is_stamped, arguments.is_utf16);
    let mut sockets = Vec::new();
    while let Some(done) = tasks.join_next().await {
        let (socket, counts) = done.map_err(|error| error.to_string())??;
        sockets.push(socket);
        all.add(counts);
    }
    Ok((sockets, all))
}

/// The request as bytes of HTTP. A short one warms up.
fn request(arguments: &Arguments, is_short: bool) -> String {
    let limit = |name: &str| match is_short {
        true => format!(",\"{name}\":20"),
        false => String::new(),
    };
    let messages = r#""messages":[{"role":"user","content":"Count for me."}]"#;
    let (path, body) = match arguments.operation {
        Operation::Chat => {
            let limit = limit("max_completion_tokens");
            let body = format!(r#"{{{messages},"model":"mock","stream":true{limit}}}"#);
            ("/v1/chat/completions", body)
        }
        Operation::Responses => {
            let limit = limit("max_output_tokens");
            let body =
                format!(r#"{{"input":"Count for me.","model":"mock","stream":true{limit}}}"#);
            ("/v1/responses", body)
        }
        Operation::Call => (
            "/v1/chat/completions",
            format!(r#"{{{messages},"model":"mock"}}"#),
        ),
        Operation::Embeddings => {
            let texts: Vec<String> = (0..TEXTS).map(|text| format!("\"text {text}\"")).collect();
            let texts = texts.join(",");
            let body =
                format!(r#"{{"input":[{texts}],"model":"mock","encoding_format":"base64"}}"#);
            ("/v1/embeddings", body)
        }
    };
    format!(
        "POST {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer bench\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        arguments.address,
        body.len()
    )
}
