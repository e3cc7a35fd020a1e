import Domain

/// The pages in front of the desk: nobody is signed in yet, so they stand without its frame.
enum SignInPage {
    /// - Parameter posted: What was refused: its fields keep what was typed.
    static func signIn(to path: String, message: String? = nil, _ posted: PostedForm? = nil) -> HTML {
        drawn(
            "Sign in", message, posted,
            """
            <form method="post" action="/sign-in" class="form"><input type="hidden" name="to" value="\(sent: path)">\
            \(Field("Mail address", "email", .email, isRequired: true).html)\(Field("Password", "password", .password, isRequired: true).html)\
            \(Field("Code", "code", .code, hint: "Of your authenticator, if you set one up.").html)\(button("Sign in", class: "main"))</form>
            """)
    }

    static func welcome(token: String, message: String? = nil, _ posted: PostedForm? = nil) -> HTML {
        drawn(
            "Open your account", message, posted,
            """
            <form method="post" action="/welcome" class="form" novalidate><input type="hidden" name="token" value="\(sent: token)">\
            \(Field("Your name", "name", .name, isRequired: true).html)\(Field("Mail address", "email", .email, isRequired: true).html)\
            \(Field("Password", "password", .newPassword, hint: "12 characters at least.", isRequired: true).html)\(button("Open account", class: "main"))</form>
            """)
    }

    /// Behind the one-time link of an administrator.
    static func reset(token: String, message: String? = nil, _ posted: PostedForm? = nil) -> HTML {
        drawn(
            "Choose a new password", message, posted,
            """
            <form method="post" action="/reset" class="form"><input type="hidden" name="token" value="\(sent: token)">\
            <p>Your authenticator is taken away: set it up again afterwards.</p>\
            \(Field("New password", "password", .newPassword, hint: "12 characters at least.", isRequired: true).html)\(button("Keep it", class: "main"))</form>
            """)
    }

    private static func drawn(_ title: String, _ message: String?, _ posted: PostedForm?, _ content: @autoclosure () -> HTML) -> HTML {
        DoorPage(title, refusal: message, PostedForm.$drawn.withValue(posted) { content() }).html
    }

    /// In place of a form whose session is over: what was typed goes back to its page once somebody is signed in.
    static func signedOut(_ path: String, _ fields: [(name: String, value: String)]) -> HTML {
        let kept = fields.map { "<input type=\"hidden\" name=\"\(sent: $0.name)\" value=\"\(sent: $0.value)\">" as HTML }
        return DoorPage(
            "Signed out",
            """
            <p>Nothing was done. Sign in in another tab, then come back here: your form is kept.</p>\
            <p><a class="button" href="/sign-in" target="_blank" rel="noopener">Sign in in another tab</a></p>\
            <form method="post" action="\(sent: path)">\(kept)\(button("Back to my form", class: "main"))</form>
            """
        ).html
    }

    /// A page for what cannot be shown.
    static func refused(_ title: String, _ detail: String) -> HTML {
        DoorPage(title, "<p>\(detail)</p><p><a href=\"/\">To the desk</a></p>").html
    }
}
