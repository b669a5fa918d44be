project = "Notes"
extensions = ["myst_parser"]
html_js_files = ["https://example.org/scorefield/score-field.js"]
exclude_patterns = ["_build"]
