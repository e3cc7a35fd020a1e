import Domain
import Operations
import Store

/// `/account`: one's own password, second factor and sessions.
struct AccountPage: Sendable {
    let hasSecondFactor: Bool
    let sessions: [OwnSessions.Line]
    let reader: DeskReader
    /// So many hexadecimal digits have the 160 bits that RFC 4226 recommends.
    static let secretLength = 40
    /// Hexadecimal; shown while it is being set up.
    var secret: String?

    static func read(_ asked: DeskQuestion, in tx: any Transaction) throws -> AccountPage {
        AccountPage(
            hasSecondFactor: try ReadPeople(asked.home.entity).hasSecondFactor(asked.home.person, in: tx),
            sessions: try asked.sessions.run(in: tx, at: asked.clock()), reader: asked.reader)
    }

    var body: PageBody {
        PageBody(
            "Your account",
            """
            <div class="stack"><div class="columns">\(panel("Password", passwordForm))\(panel("Second factor", factor))</div>\
            \(panel("Where you are signed in", sessionTable.html + endForm))\(keys)</div>
            """)
    }

    private var passwordForm: HTML {
        Form(
            "/account/password", reader, class: "form",
            """
            \(Field("Present password", "password", .password, isRequired: true).html)\
            \(Field(
                "New password", "new_password", .newPassword, hint: "12 characters at least. Every other session ends.", isRequired: true
            ).html)\
            <div>\(button("Change the password", class: "main"))</div>
            """
        ).html
    }

    /// Kept by the browser; shown where scripts run, since the keys need them.
    private var keys: HTML {
        let content: HTML = """
            <div class="prose"><label class="check"><input type="checkbox" role="switch" data-keys> One-letter keys</label>\
            <p class="hint">Outside of fields j, k, ?, / and others act on the page. This browser keeps the choice.</p></div>
            """
        return "<div data-scripted hidden>\(panel("Keys", content))</div>"
    }

    private var sessionTable: DataTable {
        var table = DataTable("Sessions", [.text("Signed in"), .text("Legal entity"), .text("Ends at the latest"), .text("State")])
        table.rows = sessions.map {
            [.instant($0.openedAt), .text($0.entityName), .instant($0.expiresAt), $0.isThis ? .badge(Badge("This one", .good)) : .none]
        }
        return table
    }

    private var endForm: HTML {
        guard sessions.contains(where: { !$0.isThis }) else { return "" }
        return Form("/account/sessions/end", reader, class: "form", "<div>\(button("Sign out everywhere else"))</div>").html
    }

    private var factor: HTML {
        if let secret {
            return Form(
                "/account/factor", reader, class: "form",
                """
                <p>Add this key to your authenticator, then enter the six digits it shows.</p><p><code id="secret">\
                \(base32(Secret.bytes(secret) ?? []))</code></p>\
                <input type="hidden" name="secret" value="\(secret)">\(Field("Code", "code", .code, isRequired: true).html)\
                \(Field("Your password", "password", .password, isRequired: true).html)<div>\(button("Confirm", class: "main"))</div>
                """
            ).html
        }
        if hasSecondFactor {
            return Form(
                "/account/factor/remove", reader, class: "form",
                """
                <p>Signing in asks for the code of your authenticator. To take it away, enter your password or a code.</p>\
                \(Field("Password", "password", .password).html)\(Field("Code", "code", .code).html)<div>\(button("Take it away"))</div>
                """
            ).html
        }
        return Form(
            "/account/factor/begin", reader, class: "form",
            "<p>A code of your authenticator, besides the password.</p><div>\(button("Set it up", class: "main"))</div>"
        ).html
    }
}

/// - Source: RFC 4648, without padding, as authenticators take it.
func base32(_ bytes: [UInt8]) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
    var text: [UInt8] = [], bits = 0, value = 0
    for byte in bytes {
        (value, bits) = ((value << 8 | Int(byte)) & 0xFFFF, bits + 8)
        while bits >= 5 {
            bits -= 5
            text.append(letters[value >> bits & 31])
        }
    }
    if bits > 0 { text.append(letters[value << (5 - bits) & 31]) }
    return String(decoding: text, as: UTF8.self)
}
