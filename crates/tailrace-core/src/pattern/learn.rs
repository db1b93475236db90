//! Finds patterns, and takes events apart that fit one.

use std::ops::Range;

use super::scan::{self, Leaves};

/// Events that are kept to compare others with, and so the most patterns of one stream.
const PLACES: usize = 8;

/// An event that is longer is not compared.
const LONGEST: usize = 8 * 1024;

/// More gaps than this are not worth it.
const MOST_GAPS: usize = 12;

/// A stream starts with as many attempts to learn; an event that fits gives one back.
const CREDIT: u32 = 32;

/// The patterns of one stream, in places that are counted from zero.
///
/// A stream whose events have nothing in common is soon not looked at any more, so that it costs nothing.
#[derive(Debug)]
pub struct Patterns {
    places: Vec<Pattern>,
    /// The place that fitted last.
    last: usize,
    /// The place that is given away next.
    oldest: usize,
    credit: u32,
    values: Vec<Range<usize>>,
}

/// How an event was taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// It was not.
    Not,
    /// It fits the pattern in this place, which the host knows.
    Known(usize),
    /// It fits the pattern in this place, which is new there.
    New(usize),
}

/// An event with gaps.
#[derive(Debug)]
pub struct Pattern {
    text: Vec<u8>,
    leaves: Leaves,
    /// Which of the leaves are gaps.
    gaps: Vec<usize>,
    /// The text between the gaps: one more than there are gaps.
    fixed: Vec<Range<usize>>,
    /// Whether a second event of its kind was seen.
    is_pattern: bool,
}

impl Default for Patterns {
    fn default() -> Self {
        Patterns {
            places: Vec::new(),
            last: 0,
            oldest: 0,
            credit: CREDIT,
            values: Vec::new(),
        }
    }
}

impl Patterns {
    /// Compares an event with those before it, and remembers it if it is of a new kind.
    pub fn fit(&mut self, data: &[u8]) -> Fit {
        if self.credit == 0 || data.len() > LONGEST {
            return Fit::Not;
        }
        if let Some(place) = self.known(data) {
            self.last = place;
            self.credit = CREDIT.min(self.credit + 1);
            return Fit::Known(place);
        }
        self.credit -= 1;
        match self.learn(data) {
            Some(place) => {
                self.last = place;
                Fit::New(place)
            }
            None => Fit::Not,
        }
    }

    /// Where the values of the gaps are in the event that was compared last, if it fitted.
    pub fn values(&self) -> &[Range<usize>] {
        &self.values
    }

    /// The pattern in a place that [`Fit`] named.
    pub fn pattern(&self, place: usize) -> Option<&Pattern> {
        self.places.get(place)
    }

    fn known(&mut self, data: &[u8]) -> Option<usize> {
        let fits = |pattern: &Pattern, values: &mut Vec<Range<usize>>| {
            pattern.is_pattern && pattern.fits(data, values)
        };
        if let Some(pattern) = self.places.get(self.last)
            && fits(pattern, &mut self.values)
        {
            return Some(self.last);
        }
        (0..self.places.len()).find(|place| {
            *place != self.last
                && self
                    .places
                    .get(*place)
                    .is_some_and(|pattern| fits(pattern, &mut self.values))
        })
    }

    fn learn(&mut self, data: &[u8]) -> Option<usize> {
        let leaves = scan::leaves(data)?;
        for (place, pattern) in self.places.iter_mut().enumerate() {
            if let Some(gaps) = pattern.gaps_with(data, &leaves) {
                *pattern = Pattern::new(data, leaves, gaps, true);
                return pattern.fits(data, &mut self.values).then_some(place);
            }
        }
        let fresh = Pattern::new(data, leaves, Vec::new(), false);
        if self.places.len() < PLACES {
            self.places.push(fresh);
        } else if let Some(place) = self.places.get_mut(self.oldest) {
            *place = fresh;
            self.oldest = (self.oldest + 1) % PLACES;
        }
        None
    }
}

impl Pattern {
    /// The event that the pattern was made from: well-formed JSON.
    pub fn example(&self) -> &[u8] {
        &self.text
    }

    /// For each gap, JSON text of an array of the keys and indexes that lead to it.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.gaps
            .iter()
            .filter_map(|gap| self.leaves.paths.get(*gap).map(String::as_str))
    }

    fn new(data: &[u8], leaves: Leaves, gaps: Vec<usize>, is_pattern: bool) -> Self {
        let mut fixed = Vec::with_capacity(gaps.len() + 1);
        let mut from = 0;
        for span in gaps.iter().filter_map(|gap| leaves.spans.get(*gap)) {
            fixed.push(from..span.start);
            from = span.end;
        }
        fixed.push(from..data.len());
        Pattern {
            text: data.to_vec(),
            leaves,
            gaps,
            fixed,
            is_pattern,
        }
    }

    fn fits(&self, data: &[u8], values: &mut Vec<Range<usize>>) -> bool {
        values.clear();
        let mut at = 0;
        for (index, fixed) in self.fixed.iter().enumerate() {
            if index > 0 {
                let Some(end) = scan::scalar(data, at) else {
                    return false;
                };
                values.push(at..end);
                at = end;
            }
            let end = at + fixed.len();
            if data.get(at..end) != self.text.get(fixed.clone()) {
                return false;
            }
            at = end;
        }
        at == data.len()
    }

    /// The leaves that differ in another event, and the gaps there are already; `None` when anything else differs.
    fn gaps_with(&self, data: &[u8], leaves: &Leaves) -> Option<Vec<usize>> {
        let (own, other) = (&self.leaves.spans, &leaves.spans);
        if own.len() != other.len() {
            return None;
        }
        let (mut own_from, mut other_from) = (0, 0);
        let mut gaps = Vec::new();
        for (index, (mine, theirs)) in own.iter().zip(other).enumerate() {
            if self.text.get(own_from..mine.start) != data.get(other_from..theirs.start) {
                return None;
            }
            if self.gaps.contains(&index) || self.text.get(mine.clone()) != data.get(theirs.clone())
            {
                gaps.push(index);
            }
            (own_from, other_from) = (mine.end, theirs.end);
        }
        let same_end = self.text.get(own_from..) == data.get(other_from..);
        (same_end && gaps.len() <= MOST_GAPS).then_some(gaps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds the events and says what came of each: the place with `new` or `known`, and the values.
    fn fits(events: &[&str]) -> Vec<String> {
        let mut patterns = Patterns::default();
        events
            .iter()
            .map(|event| {
                let (word, place) = match patterns.fit(event.as_bytes()) {
                    Fit::Not => return "not".to_owned(),
                    Fit::Known(place) => ("known", place),
                    Fit::New(place) => ("new", place),
                };
                let values: Vec<&str> = patterns
                    .values()
                    .iter()
                    .map(|span| &event[span.clone()])
                    .collect();
                format!("{word} {place}: {}", values.join(" "))
            })
            .collect()
    }

    #[test]
    fn learns_from_the_second_event() {
        assert_eq!(
            fits(&[
                r#"{"id":1,"c":[{"t":"a"}],"o":"x"}"#,
                r#"{"id":1,"c":[{"t":"bcd"}],"o":"x"}"#,
                r#"{"id":1,"c":[{"t":"e\n"}],"o":"x"}"#,
                r#"{"id":1,"c":[{"t":"f"}],"o":"yy"}"#,
                r#"{"id":1,"c":[{"t":null}],"o":"z"}"#,
                r#"{"id":1,"c":[{}],"o":"x"}"#,
                r#"{"id":1,"c":[{"t":""}],"o":""}"#,
            ]),
            [
                "not",
                r#"new 0: "bcd""#,
                r#"known 0: "e\n""#,
                r#"new 0: "f" "yy""#,
                r#"known 0: null "z""#,
                "not",
                r#"known 0: "" """#,
            ]
        );
    }

    #[test]
    fn knows_several_kinds_at_once() {
        assert_eq!(
            fits(&[
                r#"{"a":1}"#,
                r#"{"b":1}"#,
                r#"{"a":2}"#,
                r#"{"b":2}"#,
                r#"{"a":3}"#,
                r#"{"b":3}"#,
                r#"{"b":3}"#,
            ]),
            [
                "not",
                "not",
                "new 0: 2",
                "new 1: 2",
                "known 0: 3",
                "known 1: 3",
                "known 1: 3"
            ]
        );
    }

    #[test]
    fn an_event_that_is_the_same_has_no_gaps() {
        assert_eq!(
            fits(&[r#"{"a":1}"#, r#"{"a":1}"#, r#"{"a":1}"#]),
            ["not", "new 0: ", "known 0: "]
        );
    }

    #[test]
    fn what_is_no_json_fits_nothing() {
        assert_eq!(
            fits(&[
                r#"{"a":"b"}"#,
                r#"{"a":"c"}"#,
                r#"{"a":"\x"}"#,
                r#"{"a":"d"}]"#,
                r#"{"a":12a}"#,
                "{\"a\":\"\n\"}",
                r#"{"a":"#,
                r#"{"a":"d"}"#,
            ]),
            [
                "not",
                r#"new 0: "c""#,
                "not",
                "not",
                "not",
                "not",
                "not",
                r#"known 0: "d""#
            ]
        );
    }

    #[test]
    fn gives_up_on_a_stream_without_patterns() {
        let mut patterns = Patterns::default();
        for index in 0..100 {
            assert_eq!(
                patterns.fit(format!("{{\"{index}\":1}}").as_bytes()),
                Fit::Not
            );
        }
        assert_eq!(patterns.fit(b"{\"99\":1}"), Fit::Not);
        assert_eq!(patterns.places.len(), PLACES);
    }

    #[test]
    fn names_the_places_of_its_gaps() {
        let mut patterns = Patterns::default();
        patterns.fit(br#"{"a":[1,2],"b":"x"}"#);
        assert_eq!(patterns.fit(br#"{"a":[1,3],"b":"y"}"#), Fit::New(0));
        let pattern = patterns.pattern(0).expect("it is there");
        assert_eq!(pattern.example(), br#"{"a":[1,3],"b":"y"}"#);
        let paths: Vec<&str> = pattern.paths().collect();
        assert_eq!(paths, [r#"["a",1]"#, r#"["b"]"#]);
    }
}
