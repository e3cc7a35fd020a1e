import Domain
import Foundation
import Operations

/// The fields above a list that narrow it down, and what they ask for.
///
/// A form that is sent by GET, so that a narrowed list has an address: sorted, paged and exported it stays narrowed. What cannot be read
/// narrows nothing and is told beside its field.
struct FilterForm: Sendable {
    /// What a list is narrowed down by.
    struct Fields: Sendable {
        /// What happened on the days that are asked for.
        let day: String
        var hasCustomer = false, hasAmounts = false, hasCurrency = false

        static let orders = Fields(day: "Ordered", hasCustomer: true, hasAmounts: true, hasCurrency: true)
        static let documents = Fields(day: "Issued", hasCustomer: true, hasAmounts: true, hasCurrency: true)
        static let receipts = Fields(day: "Booked", hasCustomer: true, hasAmounts: true, hasCurrency: true)
        static let statements = Fields(day: "Made out")
        static let entries = Fields(day: "Dated", hasCurrency: true)

        /// Of what the address holds, in the order of the form.
        var names: [String] {
            (hasCustomer ? ["customer"] : []) + ["from", "through"] + (hasAmounts ? ["at_least", "at_most"] : [])
                + (hasCurrency ? ["currency"] : [])
        }
    }

    let fields: Fields
    /// What could be read; where it holds an amount, it holds a currency.
    let filter: ListFilter
    /// What the address holds, as it was written: links to the same list with another state keep it.
    let written: [(name: String, value: String)]

    init(_ fields: Fields, _ filter: ListFilter = .none, written: [(name: String, value: String)] = []) {
        (self.fields, self.filter, self.written) = (fields, filter, written)
    }

    var isNarrowed: Bool { filter != .none }

    /// - Parameter place: Of the list: what else it is asked for stays.
    func html(_ place: ListLink) -> HTML {
        let others = place.filters.filter { !fields.names.contains($0.name) }
        let kept = others.map { "<input type=\"hidden\" name=\"\($0.name)\" value=\"\(sent: $0.value)\">" as HTML }
        let whole = ListLink(path: place.path, filters: others, sort: place.sort).link()
        let clear: HTML = written.isEmpty ? "" : "<a class=\"button quiet\" href=\"\(whole)\">Clear</a>"
        return """
            \(printed)<details class="internal"\(written.isEmpty ? "" : " open" as HTML)><summary>Filter</summary>\
            <form class="inline" action="\(place.path)">\(kept)\(place.sortKept)\(controls.map(\.html))\(button("Filter"))\(clear)\
            </form></details>
            """
    }

    /// Beside the title: whose rows the list holds.
    ///
    /// - Parameter name: The customer's; its number stands where it is not known.
    func aside(_ name: String? = nil) -> HTML {
        guard let customer = filter.customer else { return "" }
        return "<span class=\"muted\">of <a href=\"\(customerPath(customer))\">\(name ?? customer)</a></span>"
    }

    private func text(_ name: String) -> String { written.first { $0.name == name }?.value ?? "" }

    private var controls: [Field] {
        var controls: [Field] = []
        if fields.hasCustomer { controls.append(Field("Customer number", "customer", value: text("customer"))) }
        controls.append(Field("\(fields.day) from", "from", .date, value: filter.from?.iso8601 ?? ""))
        controls.append(Field("\(fields.day) through", "through", .date, value: filter.through?.iso8601 ?? ""))
        if fields.hasAmounts {
            controls.append(Field("Smallest amount", "at_least", .amount, value: text("at_least")))
            controls.append(Field("Largest amount", "at_most", .amount, value: text("at_most")))
        }
        if fields.hasCurrency {
            let currency = text("currency").isEmpty ? filter.currency?.code ?? "" : text("currency").uppercased()
            controls.append(Field("Currency", "currency", value: currency))
        }
        return controls
    }

    /// What paper says, which has no fields.
    private var printed: HTML {
        let day = fields.day.lowercased()
        var told: [String] = []
        if let customer = filter.customer { told.append("customer \(customer)") }
        if let from = filter.from { told.append("\(day) from \(from.words)") }
        if let through = filter.through { told.append("\(day) through \(through.words)") }
        if let currency = filter.currency {
            let least = filter.atLeastMinor.map { "\(Money(minor: $0, currency).readable) or more" }
            let most = filter.atMostMinor.map { "\(Money(minor: $0, currency).readable) or less" }
            let amounts = [least, most].compactMap { $0 }
            told += amounts.isEmpty ? ["in \(currency.code)"] : amounts
        }
        return told.isEmpty ? "" : "<p class=\"print-only\">Only \(told.joined(separator: ", "))</p>"
    }
}

extension DeskQuestion {
    /// What a list is narrowed down by, as far as it can be read. Amounts are of the currency that is asked for, else of the books' own;
    /// what is in another one is left out.
    func narrowed(by fields: FilterForm.Fields) -> FilterForm {
        var filter = ListFilter(from: self["from"].flatMap { Day($0) }, through: self["through"].flatMap { Day($0) })
        if fields.hasCustomer { filter.customer = trimmed("customer") }
        if fields.hasAmounts { (filter.atLeastMinor, filter.atMostMinor) = (minor("at_least"), minor("at_most")) }
        let isByAmount = filter.atLeastMinor != nil || filter.atMostMinor != nil
        if fields.hasCurrency { filter.currency = isByAmount ? currencyOfAmounts : currencyAsked }
        return FilterForm(fields, filter, written: fields.names.compactMap { name in self[name].map { (name: name, value: $0) } })
    }

    var currencyAsked: Currency? { trimmed("currency").flatMap { Currency($0.uppercased()) } }

    /// Without the blanks that come with what is pasted; nil where nothing else is there.
    private func trimmed(_ name: String) -> String? {
        let text = self[name]?.trimmingCharacters(in: .whitespaces) ?? ""
        return text.isEmpty ? nil : text
    }
    var currencyOfAmounts: Currency { currencyAsked ?? reader.currency ?? .eur }

    /// An amount in minor units, below zero with a minus; nil where none can be read.
    func minor(_ name: String) -> Int64? {
        guard let text = trimmed(name) else { return nil }
        let isBelowZero = text.hasPrefix("-") || text.hasPrefix("\u{2212}")
        return amount(isBelowZero ? String(text.dropFirst()) : text, currencyOfAmounts).map { isBelowZero ? -$0.minor : $0.minor }
    }
}
