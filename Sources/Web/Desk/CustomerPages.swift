import Domain
import Operations

/// `/customers`: everybody, with what each owes.
struct CustomersPage: Sendable {
    let page: ListPage<CustomerList.Line>
    let sort: ListSort<CustomerList.Order>
    let prefix: String
    let place: ListLink
    let reader: DeskReader

    var body: PageBody {
        var table = DataTable(
            "Customers",
            [
                .text("Name", sort: "name"), .text("Number", sort: "number"), .text("Country"),
                .number("Owes", sort: "owed"), .number("Past due", sort: "overdue"), .number("Credits"),
                .number("Limit", second: "Limit currency"), .text("State"),
            ])
        for line in page.rows {
            let balances = line.balances.isEmpty ? [nil] : line.balances.map(Optional.some)
            for balance in balances {
                table.rows.append([
                    .link(line.name, to: customerPath(line.number)), .text(line.number), .text(line.country), money(balance?.owed),
                    money(balance?.overdue),
                    money(balance?.credits), line.creditLimit.map { .money($0) } ?? .none, state(balance, line),
                ])
            }
        }
        table.empty =
            prefix.isEmpty
            ? Empty("No customers yet", "They come with orders, or as a file.", link: reader.link("Import customers", to: "/import", .work))
            : Empty(
                "No customer begins with “\(prefix)”", "Search finds parts of names too.",
                link: ("Search", Link("/search", ["q": prefix]).text))
        table.place = place
        var body = PageBody(
            "Customers",
            """
            <div class="stack"><form class="inline" action="/customers"><input type="hidden" name="sort" value="\(sort.text)">\
            <label class="field"><span>\(sort.order == .number ? "Number" : "Name") begins with</span>\
            <input type="search" name="begins" value="\(sent: prefix)"></label>\
            \(button("Filter"))</form><div class="list-frame">\(table.html)</div></div>
            """)
        body.table = table
        if reader.may(.work) { body.actions = buttonLink("New customer", to: "/new-customer", key: "n") }
        return body
    }

    private func money(_ money: Money?) -> DataTable.Cell { money.map { $0.minor == 0 ? .none : .money($0) } ?? .none }

    private func state(_ balance: CustomerBalance?, _ line: CustomerList.Line) -> DataTable.Cell {
        guard let balance else { return .none }
        if line.isOverLimit { return .badge(Badge("Over limit", .warn)) }
        return balance.overdue.minor > 0 ? .badge(Badge("Overdue", .bad)) : balance.owed.minor > 0 ? .badge(Badge("Open", .calm)) : .none
    }
}

/// `/customers/{number}`: one customer, whole.
struct CustomerPage: Sendable {
    let customer: CustomerView
    let habits: [CustomerHabits.Line]
    let identities: [CustomerIdentities.Line]
    let on: Day
    /// nil when it tells of now; else what is known of now alone is left out or said to be of now.
    let past: ReportMoment?
    let reader: DeskReader
    private var profile: CustomerProfile { customer.profile }
    private var path: String { customerPath(profile.number) }
    private var statementPath: String {
        Link(path + "/statement", ["as_of": past?.asOf.iso8601, "known_at": past?.knownAt?.iso8601]).text
    }

    var body: PageBody {
        var body = PageBody(
            profile.name,
            """
            <div class="stack">\(moment(path, asOf: on, knownAt: past?.knownAt))\(ofToday)\(cards)
            \(panel("Open items", openItems.html, aside: itemCount))
            <div class="columns">\(panel("How this customer pays", behaviour))\(panel("Agreed", agreed))</div>
            \(HabitPanel(customer: profile.number, habits: habits, reader: reader).html)
            \(IdentityPanel(customer: profile.number, identities: identities, reader: reader).html)
            \(panel("Documents and receipts", documents.html, aside: allDocuments))
            \(panel("Conversation", conversation, aside: earlierMessages))</div>
            """)
        body.aside = "<span class=\"muted\">\(profile.number)</span>\(state)"
        body.crumbs = [("Customers", "/customers")]
        let edit = past == nil && reader.may(.work) ? buttonLink("Edit", to: path + "/terms", key: "e") : ""
        body.actions = "\(edit)<a class=\"button\" href=\"\(statementPath)\">Statement of account</a>"
        return body
    }

    /// Of more than the page holds, the list of all is one step away.
    private func list(_ path: String, _ text: String, state: String? = nil) -> HTML {
        let then = path == "/invoices" ? past : nil
        let to = Link(
            path,
            ["state": state, "customer": profile.number, "as_of": then?.asOf.iso8601, "known_at": then?.knownAt?.iso8601])
        return "<a href=\"\(to.text)\">\(text)</a>"
    }

    private var itemCount: HTML {
        guard customer.openItems.count == CustomerView.itemLimit else {
            return "<span class=\"muted\">\(counted(customer.openItems.count, "item"))</span>"
        }
        return
            "<span class=\"muted\">the first \(customer.openItems.count) · \(list("/invoices", "All open documents", state: "open"))</span>"
    }

    private var allDocuments: HTML {
        let cut: HTML =
            customer.documents.count == CustomerView.documentLimit
            ? "the latest \(customer.documents.count) · " : ""
        return """
            <span class="muted">\(cut)\(list("/invoices", "All documents")) · \(list("/receipts", "All receipts")) · \
            <a href="\(statementPath)">Statement of account</a></span>
            """
    }

    private var earlierMessages: HTML {
        guard customer.messages.count == CustomerView.messageLimit else { return "" }
        let all = Link(path, ["messages": "all", "as_of": past?.asOf.iso8601, "known_at": past?.knownAt?.iso8601]).text
        return "<span class=\"muted\">the latest \(customer.messages.count) · <a href=\"\(all)\">All</a></span>"
    }

    private var state: HTML {
        let isLate = customer.balances.contains { $0.overdue.minor > 0 }
        let held: HTML = customer.heldOrders > 0 && past == nil ? heldLink : ""
        return "\(isLate ? Badge("Overdue", .bad).html : "")\(held)"
    }

    private var heldLink: HTML {
        let badge = Badge("\(counted(customer.heldOrders, "order")) held", .warn)
        return "<a href=\"\(Link("/orders", ["state": "held", "customer": profile.number]).text)\">\(badge.html)</a>"
    }

    private var cards: HTML {
        let all = customer.balances.map { balance -> HTML in
            """
            \(card("Balance", balance.balance.html(withCurrency: true), note: balance.credits.minor < 0 ? "\(balance.owed.html()) owed, credits \(balance.credits.html()) set off" : "no credits"))\
            \(card("Past due", balance.overdue.html(withCurrency: true), note: balance.oldestDueOn.map { $0 < on ? "oldest due \($0.html)" : "nothing late" } ?? "nothing late"))
            """
        }
        return "<div class=\"cards\">\(all)\(past == nil ? exposure : "")</div>"
    }

    private var ofToday: HTML {
        guard past != nil else { return "" }
        return """
            <p class="muted">What is agreed, balances, documents, days to pay, habits, identities and the conversation are of the moment asked \
            for; exposure and held orders are left out.</p>
            """
    }

    /// Open items and confirmed orders against the limit.
    private var exposure: HTML {
        let open = customer.balances.first { $0.balance.currency == profile.currency }?.balance ?? .zero(profile.currency)
        let used = open + customer.confirmed
        let orders = Link("/orders", ["state": "confirmed", "customer": profile.number]).text
        let made: HTML = customer.confirmed.minor > 0 ? ", <a href=\"\(orders)\">\(customer.confirmed.html()) of it ordered</a>" : ""
        guard let limit = profile.creditLimitMinor.map({ Money(minor: $0, profile.currency) }) else {
            return card("Exposure", used.html(withCurrency: true), note: "no credit limit\(made)")
        }
        let share = limit.minor > 0 ? Int(Int128(max(used.minor, 0)) * 100 / Int128(limit.minor)) : 100
        return card(
            "Exposure", used.html(withCurrency: true),
            note: "\(used > limit ? Badge("Over limit", .warn).html : "") \(share) % of \(limit.html(withCurrency: true))\(made)")
    }

    private var openItems: DataTable {
        var table = DataTable(
            "Open items of \(profile.name)",
            [
                .text("Document"), .text("Date"), .text("Due"), .text("Late"), .number("Amount"), .number("Open"),
                .text("State"), .text("Stands apart"),
            ])
        table.rows = customer.openItems.map { item in
            [
                .lines(name(item), words(item.kind), to: itemPath(item)), .day(item.on), .day(item.dueOn),
                .overdueDays(item.open.minor > 0 ? on - item.dueOn : 0),
                .money(item.amount), .money(item.open),
                .badge(Badge(open: item.open, of: item.amount, dueOn: item.dueOn, asOf: on, slices: item.slices)),
            ]
                + [apart(item)]
        }
        table.empty = Empty("Nothing is open", "This customer owes nothing on \(on.words).")
        return table
    }

    /// `30.00 disputed; 40.00 promised for 1 Jun 2026`.
    private func apart(_ item: CustomerItem) -> DataTable.Cell {
        let parts = item.slices.map { slice in
            "\(slice.open.decimal) \(slice.slice.kind.standing)\(slice.slice.dueOn.map { " for \($0.words)" } ?? "")"
        }
        return parts.isEmpty ? .none : .quiet(parts.joined(separator: "; "))
    }

    private var documents: DataTable {
        var table = DataTable(
            "Documents and receipts of \(profile.name)",
            [.text("Date"), .text("Document"), .text("Kind"), .number("Amount"), .number("Open")])
        table.rows = customer.documents.map { item in
            [
                .day(item.on), itemPath(item).map { .link(name(item), to: $0) } ?? .text(name(item)), .text(words(item.kind)),
                .money(item.amount), .money(item.open),
            ]
        }
        table.empty = Empty("Nothing yet", "No invoice and no receipt of this customer.")
        return table
    }

    private func itemPath(_ item: CustomerItem) -> String? {
        if let receipt = item.receipt { return "/receipts/\(receipt.id.value)" }
        return documentPath(kind: item.kind, item.number)
    }

    private func name(_ item: CustomerItem) -> String { item.receipt?.name ?? item.number }

    private var behaviour: HTML {
        let paid = customer.behaviour
        guard let days = paid.daysToPayTenThousandths else { return "<p class=\"muted\">No invoice of the last year is paid.</p>" }
        return """
            \(facts([
                ("Days to pay", "\(decimalText(days, 4, shown: 1)) days"), ("Invoices paid", "\(grouped(paid.count))"),
                ("Of these late", "\(grouped(paid.lateCount)) (\(paid.count == 0 ? 0 : paid.lateCount * 100 / paid.count) %)"),
                ("Days late, mean of the late", "\(paid.daysLateMeanTenths.map { decimalText($0, 1) } ?? "–")"),
            ]))<p class="hint">\(Figure.daysToPay.definition)</p>
            """
    }

    private var discountTerms: String {
        profile.discountTerms.map { "\(decimalText($0.basisPoints, 2)) % within \(counted($0.days, "day"))" } ?? "–"
    }

    private var parent: HTML {
        profile.parentNumber.map { "<a href=\"\(customerPath($0))\">\($0)</a>" } ?? "–"
    }

    private var agreed: HTML {
        facts([
            ("Terms", "\(counted(profile.termsDays, "day"))"), ("Cash discount", "\(discountTerms)"),
            ("Billed", "by \(profile.billing.rawValue)"),
            ("Cash goes to", profile.cashPolicy == .reference ? "what is referred to" : "the oldest item"),
            ("Mail", "\(profile.email ?? "letters are printed")"),
            ("Address", "\(profile.address?.lines.joined(separator: ", ") ?? "–")"), ("Country", "\(profile.country)"),
            ("VAT number", "\(profile.vatNumber ?? "–")"), ("Parent", parent),
            ("Pays from", profile.ibans.isEmpty ? "no account known" : "\(profile.ibans.joined(separator: ", "))"),
            ("Direct debit", profile.mandates.isEmpty ? "no mandate known" : "\(profile.mandates.joined(separator: ", "))"),
        ])
    }

    private var conversation: HTML {
        guard !customer.messages.isEmpty else {
            return Empty("No word yet", "Notices, statements of account and questions to this customer appear here.").html
        }
        return "<div class=\"prose\">\(customer.messages.map(message))</div>"
    }

    private func message(_ message: CustomerView.Message) -> HTML {
        let kind =
            switch message.kind {
            case .notice(let level): "notice \(level) · "
            case .statement: ""
            case .question: "question · "
            }
        let sent: HTML =
            switch message.state {
            case "sent": Badge("Sent", .good).html
            case "dead": Badge("Not delivered", .bad).html
            case "settled": Badge("Not delivered, settled", .calm).html
            case "waiting": Badge("Waiting", .info).html
            default: ""
            }
        let text: HTML =
            message.body.isEmpty
            ? "<p class=\"muted\">The message is not kept.</p>"
            : "<pre class=\"remittance\">\(message.body)</pre>"
        let done = message.events.map { "<p class=\"muted\">\($0.said)</p>" as HTML }
        return "<details><summary>\(message.on.html) · \(kind)\(message.subject) \(sent)</summary>\(done)\(text)</details>"
    }
}
