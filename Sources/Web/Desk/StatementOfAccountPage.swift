import Domain
import Operations

/// `/customers/{number}/statement`: the paper one prints or sends.
struct StatementOfAccountPage: Sendable {
    let customer: CustomerView
    /// `AccountStatementReport`'s table.
    let statement: ReportTable
    let terms: StatementTerms
    let asOf: Day
    let knownAt: Instant?
    let from: Day?
    /// When the statement of this day went out; nil when it did not.
    let sentAt: Instant?
    let reader: DeskReader
    private var path: String { customerPath(customer.profile.number) }

    var body: PageBody {
        var table = DataTable(statement.title, statement.columns.map { $0.isNumber ? .number(words($0.label)) : .text(words($0.label)) })
        table.rows = statement.rows.map { zip(statement.columns, $0).map(DataTable.Cell.init) }
        table.totals = statement.totals.map { zip(statement.columns, $0).map(DataTable.Cell.init) }
        table.empty = Empty("No movement", "Nothing was booked for this customer until \(asOf.words).")
        var body = PageBody(
            "Statement of account",
            """
            <div class="stack">\(printedMoment(asOf: asOf, knownAt: knownAt))<form class="moment" action="\(path)/statement">\
            \(momentField("From", "from", from?.iso8601 ?? ""))\
            \(momentField("to", "as_of", asOf.iso8601))\(known)\(FaultMarks("known_at").words)<button class="button">Show</button></form>
            <article class="panel"><div class="document"><div class="columns"><div><p class="muted">From</p>\
            \(partyBlock(terms.seller))</div>\
            <div><p class="muted">To</p>\(partyBlock(Party(customer.profile), number: customer.profile.number))</div>\
            <div><p class="muted">As of</p><p>\(asOf.html)</p></div></div>\(table.html)\(paying)</div></article></div>
            """)
        body.crumbs = [("Customers", "/customers"), (customer.profile.name, path)]
        let send: HTML =
            reader.may(.collect)
            ? Form(
                "\(path)/statement/send", reader,
                """
                <input type="hidden" name="as_of" value="\(asOf.iso8601)">\
                <input type="hidden" name="from" value="\(from?.iso8601 ?? "")">\(known)\
                \(button("Send to customer", class: "main", disabled: customer.profile.email == nil))
                """
            ).html
            : ""
        let sent: HTML = sentAt.map { "<span class=\"muted\">Sent on \($0.day.html)</span>" } ?? ""
        body.actions = """
            <button type="button" class="button" data-print data-scripted hidden>Print</button>\
            <a class="button quiet" href="\(export)" download>Export CSV</a>\(sent)\(send)
            """
        body.table = table
        return body
    }

    private var paying: HTML {
        var told: [(name: String, value: HTML)] = []
        if let account = terms.seller.account {
            told += [("Pay to", "\(terms.seller.name)"), ("IBAN", "\(grouped(account.iban))")]
            if let bic = account.bic { told.append(("BIC", "\(bic)")) }
        }
        told += terms.offers.map { ("Cash discount on \($0.number)", "\($0.offer.terms)") }
        return told.isEmpty ? "" : facts(told)
    }

    /// What is sent, exported or asked for next is by the same knowledge.
    private var known: HTML { knownAt.map { "<input type=\"hidden\" name=\"known_at\" value=\"\($0.iso8601)\">" } ?? "" }

    private var export: String {
        Link(
            path + "/statement",
            ["as_of": asOf.iso8601, "known_at": knownAt?.iso8601, "from": from?.iso8601, "format": "csv"]
        ).text
    }
}

extension DataTable.Cell {
    init(_ column: ReportTable.Column, _ cell: ReportTable.Cell) {
        switch cell {
        case .text(let text): self = .text(column.name == "number" ? text : words(text))
        case .integer(let number): self = .number(number)
        case .money(let money): self = .money(money)
        case .day(let day): self = .day(day)
        case .none: self = .none
        case .decimal(let value, let decimals): self = .decimal(value, decimals: decimals)
        }
    }
}
