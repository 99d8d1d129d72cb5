wrk.headers["x-token"] = "open-sesame"
