//! Domains of zones at hand, one after the other: of most it is known what comes of them, and nothing is
//! made of these but what the report says.

use std::iter::once;

use tokio::runtime::Runtime;

use super::cut::Cut;
use super::desk::Desk;
use super::domains::Drafted;
use super::questions::{Opening, candidate, survey};
use super::trouble::Trouble;
use crate::lookup::Lookup;

/// Judges domains one after the other and reports them, part by part, as long as there is somebody who
/// takes what is said of a part.
///
/// # Errors
///
/// A signal came, the report cannot be written, or the input cannot be read on.
pub(super) fn judge_each<P: IntoIterator<Item = Drafted<()>>>(
    parts: impl IntoIterator<Item = P>,
    lookup: &impl Lookup,
    runtime: &Runtime,
    desk: &mut Desk<'_>,
    mut take: impl FnMut(&mut Desk<'_>) -> bool,
) -> Result<(), Trouble> {
    let cut = Cut::of(desk);
    let opening = Opening::of(lookup, &cut, desk);
    for part in parts {
        for work in part {
            desk.interrupt.check()?;
            if let Ok((listed, Ok(()))) = &work
                && let (Some(passed), Ok((domain, _))) = (opening.passed(listed), &listed.parsed)
                && desk.take_passed(domain, &passed, listed.line)?
            {
                continue;
            }
            let work = candidate(work, desk.series);
            if opening.is_known(&work) {
                desk.take(work, None, |owner, rtype| lookup.position(owner, rtype))?;
            } else {
                runtime.block_on(survey(lookup, once(work), desk, &(), || false))?;
            }
        }
        if !take(desk) {
            break;
        }
    }
    Ok(())
}
