import Domain
import Operations

/// `/invoices/{number}`: the document as it was issued, and what became of it.
struct DocumentPage: Sendable {
    let view: DocumentView
    let on: Day
    let reader: DeskReader
    var writeOffsAsked: [ApprovalRequest] = []

    var body: PageBody {
        let document = view.document, noun = document.isCreditNote ? "Credit note" : "Invoice"
        var table = DataTable("Lines of \(document.number)", lineColumns)
        table.rows = view.lines.map(lineCells)
        var body = PageBody(
            "\(noun) \(document.number)",
            """
            <div class="stack"><article class="panel"><div class="document"><div class="columns"><div><p class="muted">From</p>\
            \(partyBlock(view.seller))</div><div><p class="muted">To</p>\
            \(partyBlock(view.buyer, number: document.customerNumber, to: customerPath(document.customerNumber)))</div>\
            <div class="stack">\(facts(heads))\
            <div class="internal">\(facts([("Still open", document.open.html(withCurrency: true))] + discountLeft))</div></div></div>\
            \(table.html)\(moreLines)\(totals)\(reasons)\(payment)</div></article>
            <div class="stack internal"><div class="columns">\(panel("Settled by", settlements))\(panel("Reminders", notices))</div>\
            \(SlicePanel(view: view, on: on, reader: reader).html)</div></div>
            """)
        let badge = Badge(open: document.open, of: document.gross, dueOn: document.dueOn, asOf: on, slices: document.slices)
        body.aside = "<span class=\"internal\">\(badge.html)\(waitingMark("Write-off waits for approval", writeOffsAsked))</span>"
        body.crumbs = [("Invoices", "/invoices")]
        body.actions = "<button type=\"button\" class=\"button\" data-print data-scripted hidden>Print</button>"
        return body
    }

    private var heads: [(name: String, value: HTML)] {
        let document = view.document
        var heads: [(name: String, value: HTML)] = [("Number", "\(document.number)"), ("Issued", document.issuedOn.html)]
        if let days = view.suppliedOn {
            let span: HTML = days.lowerBound == days.upperBound ? "" : " to \(days.upperBound.html)"
            heads.append(("Supplied", "\(days.lowerBound.html)\(span)"))
        }
        if !document.isCreditNote { heads.append(("Due", document.dueOn.html)) }
        heads.append(("Currency", "\(document.gross.currency.code)"))
        if !view.orders.isEmpty {
            let links = view.orders.map { "<a href=\"/orders/\($0.id.value)\">\($0.number)</a> " as HTML }
            heads.append((links.count == 1 ? "Order" : "Orders", "\(links)"))
        } else if let order = view.orderNumber {
            heads.append(("Order", "\(order)"))
        }
        if let preceding = view.preceding { heads.append(("Corrects", "<a href=\"\(documentPath(preceding))\">\(preceding)</a>")) }
        return heads
    }

    /// What is kept in the house: what credit notes left of the discount that the document offers.
    private var discountLeft: [(name: String, value: HTML)] {
        guard let offer = view.discount, view.discountLeft != offer.discount else { return [] }
        let left = view.discountLeft.map { Money(minor: $0.minor, offer.amount.currency).html(withCurrency: true) }
        return [("Discount after credit notes", left ?? "none")]
    }

    private var moreLines: HTML {
        guard view.hasMoreLines else { return "" }
        let all = Link(documentPath(view.document.number), ["lines": "all"]).text
        return "<p>These are the first \(view.lines.count) lines. <a href=\"\(all)\">Show all of them</a> before you print.</p>"
    }

    /// VAT by category and rate, as EN 16931-1 BG-23 has it.
    private var totals: HTML {
        let taxes = view.taxes.map { one -> HTML in
            let rate = decimalText(one.treatment.basisPoints, 2, shown: one.treatment.basisPoints % 100 == 0 ? 0 : 2)
            return "<tr><th scope=\"row\">VAT \(rate) % on \(one.taxable.html())</th><td class=\"n\">\(one.tax.html())</td></tr>"
        }
        let told: HTML =
            view.taxes.isEmpty ? "<tr><th scope=\"row\">VAT</th><td class=\"n\">\(view.tax.html())</td></tr>" : "\(taxes)"
        return """
            <table class="totals"><caption class="quiet-caption">Totals</caption><tbody><tr><th scope="row">Net</th><td class="n">\
            \(view.net.html())</td></tr>\(told)</tbody>\
            <tfoot><tr><td>Total \(view.document.gross.currency.code)</td><td class="n">\(view.document.gross.html())</td></tr></tfoot>\
            </table>
            """
    }

    /// Why a supply bears no tax.
    private var reasons: HTML {
        let on = view.suppliedOn?.lowerBound ?? view.document.issuedOn
        var told: [String] = []
        for one in view.taxes {
            if let reason = one.treatment.reason(seller: view.seller.country, on: on), !told.contains(reason) { told.append(reason) }
        }
        return "\(told.map { "<p>\($0).</p>" as HTML })"
    }

    /// Where, with which reference and until when an invoice is paid.
    private var payment: HTML {
        let document = view.document
        guard !document.isCreditNote else { return "" }
        var told: [(name: String, value: HTML)] = []
        if let account = view.seller.account {
            told += [("Pay to", "\(view.seller.name)"), ("IBAN", "\(grouped(account.iban))")]
            if let bic = account.bic { told.append(("BIC", "\(bic)")) }
        }
        told += [("Payment reference", "\(document.number)"), ("Payable by", document.dueOn.html)]
        if let offer = view.discount { told.append(("Cash discount", "\(offer.terms)")) }
        return facts(told)
    }

    private var settlements: HTML {
        var table = DataTable("What settled it", [.text("Day"), .text("By"), .text("Rule"), .number("Amount")])
        table.rows = view.settlements.map { one in
            let to = one.receipt.map { "/receipts/\($0.value)" } ?? documentPath(kind: one.kind, one.number)
            return [.day(one.on), .lines(words(one.kind), one.number, to: to), .text(words(one.rule)), .money(one.amount)]
        }
        table.empty = Empty("Nothing yet", "No receipt and no credit note was applied.")
        return table.html
    }

    private var notices: HTML {
        var table = DataTable("Reminders", [.text("Sent"), .number("Level")])
        table.rows = view.notices.map { [.day($0.on), .number($0.level)] }
        table.empty = Empty("No reminder", "This document was in no notice.")
        return table.html
    }
}

/// A party as a document has it: name, address, numbers.
///
/// - Parameters:
///   - number: The seller's for the customer.
///   - path: Where the name leads.
func partyBlock(_ party: Party, number: String? = nil, to path: String? = nil) -> HTML {
    let name: HTML = path.map { "<a href=\"\($0)\">\(party.name)</a>" } ?? "\(party.name)"
    var lines = (party.address?.lines ?? []) + [party.country]
    if let registration = party.registration { lines.append(registration) }
    if let vat = party.vatNumber { lines.append("VAT number \(vat)") }
    if let number { lines.append("Customer number \(number)") }
    return "<p><b>\(name)</b></p>\(lines.map { "<p>\($0)</p>" as HTML })"
}
