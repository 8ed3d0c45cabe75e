//! A zone file for `az network dns zone import`.

use hickory_proto::rr::{Name, RData, RecordType};

use super::parts::master_file;
use super::txt::of_text;
use super::{Reader, Reading};

pub(super) const READER: Reader = Reader {
    word: "azure",
    read,
    mistakes: &[
        ("\nprovider.example. 3600 IN SOA", "\nexample.org. 3600 IN SOA"),
        ("3600 IN SRV", "3601 IN SRV"),
        ("0 1 993", "1 0 993"),
        ("path=/a", "path=/\\097"),
        ("v=UAAC1; ", "v=UAAC1;\" \""),
    ],
    refused: &[
        ("", "does not begin"),
        ("a.example.com. 60 IN A 192.0.2.1\n", "does not begin"),
        (
            "a.example.com. 60 IN A 192.0.2.1\nexample.com. 60 IN SOA a. b. 1 2 3 4 5\n",
            "does not begin",
        ),
        ("$TTL 60\nexample.com. 60 IN SOA a. b. 1 2 3 4 5\n", "no record"),
        ("example.com. 60 IN SOA a. b. 1 2 3 4 5\n\n", "no record"),
        ("example.org. 60 IN SOA a. b. 1 2 3 4 5\n", "does not begin"),
        (
            "example.com. 60 IN SOA a. b. 1 2 3 4 5\nexample.com. 60 IN TXT \"a\\\"b\"\n",
            "for something else",
        ),
        (
            "example.com. 60 IN SOA a. b. 1 2 3 4 5\nexample.com. 60 IN TXT \"(\"\n",
            "for something else",
        ),
        (
            "example.com. 60 IN SOA a. b. 1 2 3 4 5\nexample.com. 60 IN TXT \"a\" \"b\"\n",
            "cuts the strings",
        ),
    ],
};

/// What the import takes for something else, even between quotation marks.
const REFUSED: [char; 4] = ['\\', '\t', '(', ')'];

fn read(text: &str, origin: &Name) -> Result<Vec<Reading>, String> {
    let records = text.lines().filter(|line| !line.starts_with(';'));
    if let Some(line) = records.clone().find(|line| line.contains(REFUSED)) {
        return Err(format!("Azure takes `{line}` for something else"));
    }
    let mut readings = master_file(text, None)?;
    if readings.len() != records.count() {
        return Err("a line is no record".to_owned());
    }
    let first = readings
        .first()
        .filter(|first| first.owner == *origin && first.data.record_type() == RecordType::SOA);
    if first.is_none() {
        return Err("it does not begin with the SOA record of the zone".to_owned());
    }
    let records = readings.split_off(1);
    // What is joined is cut where a string is full.
    let is_cut =
        |data: &RData| matches!(data, RData::TXT(txt) if of_text(&txt.txt_data.concat()) != *data);
    match records.iter().find(|reading| is_cut(&reading.data)) {
        Some(reading) => Err(format!("Azure cuts the strings of {} anew", reading.owner)),
        None => Ok(records),
    }
}
