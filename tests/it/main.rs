//! Tests against what stands outside the crate.

mod zonefile_oracle;
