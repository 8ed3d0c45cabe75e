"""Records for Cloudflare, planned by Terraform with a stand-in for the Cloudflare provider."""

from . import cloudflare, terraform


def read(path, apex):
    posts = []
    for _, record in terraform.planned(path, "cloudflare", apex):
        # What is left out has no value in the plan.
        post = {key: value for key, value in record.items() if value is not None}
        del post["zone_id"]
        if "data" in post:
            post["data"] = {key: part for key, part in post["data"].items() if part is not None}
        posts.append(post)
    # The provider sends them as they are, so they have to fit the API.
    return [cloudflare.line_of(post) for post in posts]
