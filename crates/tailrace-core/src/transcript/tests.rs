use super::{Fragment, Reason, Rules, Session, Speaker, Text, Update};

const LIMITS: [f64; 4] = [500.0, 2000.0, 1000.0, 2000.0];

/// A session with a clock of its own, and what it said, as `speaker text` with the reason of a closed segment behind.
struct Script {
    session: Session,
    now: f64,
    said: Vec<String>,
}

impl Script {
    fn new(limits: [f64; 4]) -> Self {
        Script {
            session: Session::new(Rules::new(limits, &[])),
            now: 0.0,
            said: Vec::new(),
        }
    }

    fn say(&mut self, speaker: Speaker, text: &str, start: f64) -> &mut Self {
        let fragment = Fragment {
            speaker,
            text: Text::from(text),
            start,
            end: start + 200.0,
        };
        let updates = self.session.push(fragment, self.now);
        self.note(&updates);
        self
    }

    fn user(&mut self, text: &str, start: f64) -> &mut Self {
        self.say(Speaker::User, text, start)
    }

    fn assistant(&mut self, text: &str, start: f64) -> &mut Self {
        self.say(Speaker::Assistant, text, start)
    }

    /// Lets time pass, and calls as a timer would.
    fn wait(&mut self, milliseconds: f64) -> &mut Self {
        let end = self.now + milliseconds;
        while let Some(delay) = self.session.delay(self.now) {
            if self.now + delay > end {
                break;
            }
            self.now += delay;
            let updates = self.session.tick(self.now);
            self.note(&updates);
        }
        self.now = end;
        self
    }

    fn close(&mut self) -> &[String] {
        let updates = self.session.finish(Reason::Manual, self.now);
        self.note(&updates);
        assert_eq!(self.session.delay(self.now), None);
        &self.said
    }

    fn note(&mut self, updates: &[Update]) {
        for update in updates.iter().filter(|update| update.reason.is_some()) {
            let segment = &update.segment;
            let text = String::from_utf16_lossy(segment.text.units());
            let speaker = match segment.speaker {
                Speaker::User => 'u',
                Speaker::Assistant => 'a',
            };
            let reason = update.reason.map_or("", Reason::as_str);
            self.said.push(format!("{speaker} {text} {reason}"));
        }
    }
}

#[test]
fn an_acknowledgment_that_is_talked_over_is_left_out() {
    let mut script = Script::new(LIMITS);
    script
        .user("Tell me", 0.0)
        .assistant("Mm-", 200.0)
        .assistant("hmm.", 400.0)
        .user("more", 800.0);
    assert_eq!(
        script.assistant("Here it is.", 2000.0).close(),
        ["u Tell me more speaker_change", "a Here it is. manual"]
    );
}

#[test]
fn what_is_no_acknowledgment_is_an_answer() {
    let mut script = Script::new(LIMITS);
    let said = script
        .user("Tell me", 0.0)
        .assistant("gladly", 200.0)
        .user("more", 800.0)
        .close();
    assert_eq!(
        said,
        [
            "u Tell me speaker_change",
            "a gladly speaker_change",
            "u more manual"
        ]
    );
}

#[test]
fn words_of_one_interval_go_to_the_speaker_who_has_the_turn_first() {
    let mut script = Script::new(LIMITS);
    script
        .assistant("The answer is", 0.0)
        .wait(50.0)
        .user("Wait", 200.0)
        .assistant(" 42.", 200.0);
    assert_eq!(
        script.user(", stop.", 400.0).close(),
        ["a The answer is 42. speaker_change", "u Wait, stop. manual"]
    );
}

#[test]
fn silence_closes_the_assistants_segment_only() {
    let mut script = Script::new(LIMITS);
    script.assistant("Yes.", 0.0).wait(1999.0);
    assert!(script.said.is_empty());
    script.wait(1.0).user("And?", 2500.0).wait(60_000.0);
    assert_eq!(script.close(), ["a Yes. inactivity", "u And? manual"]);
}

#[test]
fn times_that_begin_anew_close_a_segment() {
    let mut script = Script::new(LIMITS);
    let said = script
        .assistant("Old.", 1000.0)
        .wait(100.0)
        .assistant("New.", 0.0)
        .close();
    assert_eq!(said, ["a Old. timestamp_reset", "a New. manual"]);
}

#[test]
fn limits_of_nothing_and_of_fractions_come_to_an_end() {
    for limits in [[0.0; 4], [0.1; 4], [0.1, 0.0, 1000.0, 0.3]] {
        let mut script = Script::new(limits);
        script
            .user("Hello", 0.0)
            .assistant("okay", 100.0)
            .assistant("yes", 200.0)
            .wait(50.0);
        script
            .user("More", 800.0)
            .assistant("Well", 1001.0)
            .wait(10_000.0);
        assert!(script.close().len() > 1, "{limits:?}");
    }
}

#[test]
fn reasons_have_the_names_by_which_they_are_found() {
    assert!(
        Reason::ALL
            .into_iter()
            .all(|reason| Reason::named(reason.as_str()) == Some(reason))
    );
    assert_eq!(Reason::named("other"), None);
}
