//! One row of CSV, cut into fields.

/// The most columns of a CSV header.
const MAX_COLUMNS: usize = 256;

/// The fields of one row of CSV, in room that is used again for every row.
#[derive(Default)]
pub(super) struct Row {
    /// What the fields are cut out of.
    text: String,
    /// Where each begins and ends.
    fields: Vec<(usize, usize)>,
    /// What reads rows with quotes: its tables take long to make, and one list has one separator.
    quoted: Option<csv_core::Reader>,
}

impl Row {
    /// How many fields it has.
    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    /// The fields, without their quotes.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> + Clone {
        self.fields.iter().map(|&(start, end)| &self.text[start..end])
    }

    /// Splits a row (RFC 4180) at an octet; quoted fields may hold ends of lines.
    pub(super) fn split(&mut self, text: &str, separator: u8) -> Result<(), String> {
        self.text.clear();
        self.fields.clear();
        let mut start = 0;
        for (at, octet) in text.bytes().enumerate() {
            match octet {
                _ if octet == separator => {
                    self.fields.push((start, at));
                    start = at + 1;
                }
                // Most rows have nothing that needs the tables of a parser.
                b'"' | b'\r' => return self.split_quoted(text, separator),
                _ => {}
            }
        }
        self.fields.push((start, text.len()));
        if self.fields.len() > MAX_COLUMNS {
            return Err(format!("the row has more than {MAX_COLUMNS} fields"));
        }
        self.text.push_str(text);
        Ok(())
    }

    /// Splits a row that has quotes.
    fn split_quoted(&mut self, text: &str, separator: u8) -> Result<(), String> {
        use csv_core::ReadRecordResult::{InputEmpty, OutputEndsFull, Record};
        let reader = self
            .quoted
            .get_or_insert_with(|| csv_core::ReaderBuilder::new().delimiter(separator).build());
        reader.reset();
        let mut row = Vec::with_capacity(text.len() + 1);
        row.extend_from_slice(text.as_bytes());
        row.push(b'\n');
        let mut output = vec![0; row.len()];
        let mut ends = [0; MAX_COLUMNS];
        let (result, consumed, written, count) = reader.read_record(&row, &mut output, &mut ends);
        match result {
            Record if consumed == row.len() => {}
            Record => return Err("there is a carriage return inside the row".to_owned()),
            InputEmpty => return Err("a quoted field has no closing quote".to_owned()),
            OutputEndsFull => return Err(format!("the row has more than {MAX_COLUMNS} fields")),
            _ => return Err("the row is no CSV".to_owned()),
        }
        output.truncate(written);
        // Quotes are cut out of UTF-8, which is UTF-8 still.
        self.text = String::from_utf8(output).map_err(|_utf8| "the row is not UTF-8".to_owned())?;
        self.fields.clear();
        let starts = [0].into_iter().chain(ends);
        self.fields.extend(starts.zip(ends).take(count));
        Ok(())
    }
}
