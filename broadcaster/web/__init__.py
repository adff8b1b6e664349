"""The pages: a route parses, calls one service or query, answers. Rules live in the areas, words in the catalogue.

`routes` joins one router per page; `render` is the only place that knows Jinja2, `security` what browsers are told.
"""
