//! Tests of the whole program, against real DNS servers on loopback, and of the shape of its code.

mod commands;
mod defects;
mod documents;
mod for_host;
mod healthy;
mod hostile;
mod import;
mod knotc;
mod layers;
mod loads;
mod nsupdate;
mod offline;
mod options;
mod planted;
mod profiles;
mod program;
mod properties;
mod readme;
mod scenarios;
mod served;
mod servers;
mod size;
mod source;
mod understood;
mod zonefile_oracle;
mod zones;
