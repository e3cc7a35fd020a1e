import Domain

/// The pages in front of the desk: nobody is signed in yet, so they stand without its frame.
enum SignInPage {
    static func signIn(to path: String, message: String? = nil) -> HTML {
        page(
            "Sign in",
            """
            <form method="post" action="/sign-in" class="card"><input type="hidden" name="to" value="\(path)">
            <label>Mail address<input name="email" type="email" autocomplete="username" required autofocus></label>
            <label>Password<input name="password" type="password" autocomplete="current-password" required></label>
            <button class="primary">Sign in</button></form>
            """, message)
    }

    static func welcome(token: String, message: String? = nil) -> HTML {
        page(
            "Open your account",
            """
            <form method="post" action="/welcome" class="card"><input type="hidden" name="token" value="\(token)">
            <label>Your name<input name="name" autocomplete="name" required autofocus></label>
            <label>Mail address<input name="email" type="email" autocomplete="username" required></label>
            <label>Password, 12 characters at least<input name="password" type="password" autocomplete="new-password" minlength="12" required></label>
            <button class="primary">Open account</button></form>
            """, message)
    }

    /// A page for what cannot be shown.
    static func refused(_ title: String, _ detail: String) -> HTML { page(title, "<p>\(detail)</p><p><a href=\"/\">To the desk</a></p>", nil) }

    private static func page(_ title: String, _ content: HTML, _ message: String?) -> HTML {
        let notice: HTML = message.map { "<p class=\"notice refusal\" role=\"alert\">\($0)</p>" } ?? ""
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title) · Florin</title><meta name="color-scheme" content="light dark">
            <link rel="icon" href="\(Asset.icon.address)" type="image/svg+xml"><link rel="stylesheet" href="\(Asset.style.address)"></head>
            <body class="door"><main id="main"><p class="brand"><span class="coin" aria-hidden="true">ƒ</span>Florin</p><h1>\(title)</h1>
            \(notice)\(content)</main></body></html>
            """
    }
}
