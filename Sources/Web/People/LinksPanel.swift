import Domain
import Operations

/// One-time links that still open something, each with a way to take it back.
struct LinksPanel: Sendable {
    let links: [OpenInvitations.Line]
    let reader: DeskReader
    private static let form = "take-back"

    var html: HTML {
        guard !links.isEmpty else { return "" }
        var table = DataTable("Open links", [.text("For"), .text("Made by"), .text("Good until"), .acts])
        table.rows = links.enumerated().map { row($1, "l\($0)") }
        let form = Form("/users/invitations/revoke", reader, id: Self.form, class: "hidden", "").html
        return form + panel("Open links", table.html)
    }

    private func row(_ link: OpenInvitations.Line, _ row: String) -> [DataTable.Cell] {
        let said = link.person.map { "New password of \($0)" } ?? "New \(link.role.rawValue)"
        let act = button("Take back", inRow: row, name: "invitation", value: link.digest, form: Self.form)
        return [
            .drawn(said, "<span class=\"name\" id=\"\(row)\">\(said)</span>"), .text(link.maker ?? "Nobody on record"),
            .instant(link.expiresAt), .drawn("", "<span class=\"in-row\">\(act)</span>"),
        ]
    }
}
