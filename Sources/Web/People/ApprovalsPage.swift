import Domain
import Operations
import Store

extension DeskReader {
    /// The navigation of this reader: anybody may look at requests, and who decides them is led there.
    var sections: [Section] { Section.allCases.filter { may($0.right) && ($0 != .approvals || may(.approve)) } }
}

extension ApprovalRequest {
    /// Of the act's form, with what it is about.
    var path: String {
        formPairs(fields).reduce(act) { $0.replacing("{\($1.name)}", with: Link.encoded($1.value)) }
    }

    /// What the audit log says of its decision.
    var noted: String { "act=\(path) request=\(why) asked_by=\(askedName)" }

    /// What the kept form says under that name.
    func values(_ name: String) -> [String] { formPairs(fields).filter { $0.name == name && !$0.value.isEmpty }.map(\.value) }
}

/// Requests for that act whose form has this value.
func requests(
    _ act: String, _ name: String, _ value: String, _ entity: ID<Entity>, in tx: any Transaction
) throws -> [ApprovalRequest] {
    try ReadApprovals(entity).waiting(in: tx).filter { $0.act == act && $0.values(name).contains(value) }
}

/// Says beside the title of a thing that something about it waits for a second person.
func waitingMark(_ text: String, _ requests: [ApprovalRequest]) -> HTML {
    requests.isEmpty ? "" : " <a href=\"/approvals\">\(Badge(text, .warn).html)</a>"
}

/// A request with the document or the orders that it is about.
struct WaitingApproval: Sendable {
    let request: ApprovalRequest
    let document: DocumentList.Line?
    let orders: [OrderList.Line]
    private static let orderLimit = 50

    static func read(_ entity: ID<Entity>, on day: Day, in tx: any Transaction) throws -> [WaitingApproval] {
        try ReadApprovals(entity).waiting(in: tx).map { request in
            let document = try request.values("number").first.flatMap {
                try ReadDocument(entity, number: $0, on: day).run(in: tx)?.document
            }
            let orders = try request.values("order").prefix(orderLimit).compactMap { Int64($0) }.compactMap {
                try OrderList(entity, id: ID($0)).page(in: tx).rows.first
            }
            return WaitingApproval(request: request, document: document, orders: orders)
        }
    }
}

/// `/approvals`: what waits for a second person, with what a decision takes.
struct ApprovalsPage: Sendable {
    let waiting: [WaitingApproval]
    let on: Day
    let reader: DeskReader

    var body: PageBody {
        let empty = Empty("Nothing waits", "Acts above the limit wait here for a second person.").html
        return PageBody("Approvals", "<div class=\"stack\">\(waiting.isEmpty ? [empty] : waiting.map(entry))</div>")
    }

    private func entry(_ waiting: WaitingApproval) -> HTML {
        let request = waiting.request
        var heads: [(name: String, value: HTML)] = [
            ("Asked by", "\(request.askedName), \(request.askedRole)"), ("When", request.askedAt.html),
            ("Reason", "\(request.values("reason").first ?? "none given")"),
        ]
        if let currency = waiting.document?.open.currency, let asked = request.values("amount").first.flatMap({ amount($0, currency) }) {
            heads.append(("Amount", asked.html(withCurrency: true)))
        }
        return panel(
            request.why,
            """
            \(facts(heads))\(waiting.document.map(documentTable))\(ordersTable(waiting.orders))\
            <div class="prose">\(decision(request))</div>
            """)
    }

    private func decision(_ request: ApprovalRequest) -> HTML {
        guard request.askedBy != reader.person, request.askedMaker != reader.person else {
            return "<p class=\"muted\">You asked for it: another person decides.</p>"
        }
        guard reader.may(.approve) else { return "<p class=\"muted\">\(sentence(people(who: .approve))) decides.</p>" }
        // Whoever runs the command line may be an administrator here.
        let declinesOnly = request.isOfUnknownMaker && reader.role == Role.administrator.rawValue
        let why: HTML = declinesOnly ? "<p class=\"muted\">\(sentence(PeopleRefusal.makerUnknown.message)).</p>" : ""
        let approve: HTML = declinesOnly ? "" : button("Approve", name: "decision", value: "approve", class: "main")
        let form = Form(
            "/approvals/\(request.id)/decide", reader,
            """
            <div class="answers">\(approve)\(button("Decline", name: "decision", value: "decline"))</div>
            """
        ).html
        return "\(why)\(form)"
    }

    private func documentTable(_ line: DocumentList.Line) -> HTML {
        var table = DataTable(
            "Document", [.text("Document"), .text("Customer"), .text("Due"), .text("Late"), .number("Gross"), .number("Open")])
        table.rows = [
            [
                .link(line.number, to: documentPath(line.number)), .link(line.customerName, to: customerPath(line.customerNumber)),
                .day(line.dueOn), .overdueDays(line.open.minor > 0 ? on - line.dueOn : 0), .money(line.gross), .money(line.open),
            ]
        ]
        return table.html
    }

    private func ordersTable(_ lines: [OrderList.Line]) -> HTML {
        guard !lines.isEmpty else { return "" }
        var table = DataTable("Orders", [.text("Order"), .text("Customer"), .text("Held because"), .number("Gross")])
        table.rows = lines.map {
            [
                .link($0.number, to: "/orders/\($0.id.value)"), .link($0.customerName, to: customerPath($0.customerNumber)),
                .quiet($0.reason ?? ""), .money($0.gross),
            ]
        }
        return table.html
    }
}
