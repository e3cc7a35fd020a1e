import Domain
import Store

/// An order that was decided: priced, taxed, held or not.
struct PlacedOrder {
    struct Line {
        let sku: String
        let description: String
        let quantityMilli: Int64
        let priceMicro: Int64
        let net: Money
        let treatment: VATTreatment
    }
    struct Impossible: Error { let text: String }

    var id = ID<Order>(0)
    let intake: OrderIntake
    let customer: ID<Customer>
    let termsDays: Int
    let discount: DiscountTerms?
    let lines: [Line]
    let totals: DocumentTotals
    /// Why a person must release it; nil when it is confirmed.
    var hold: String?
    /// The document that billed it in the same breath.
    var document: Int64?

    static func decide(_ order: OrderIntake, seller: String, _ customer: CustomerTerms) -> Result<PlacedOrder, Impossible> {
        possible(order, seller: seller, vatNumber: customer.vatNumber).map { lines in
            PlacedOrder(
                intake: order, customer: customer.id, termsDays: customer.termsDays, discount: customer.discount, lines: lines,
                totals: totals(of: lines, order.currency)
            )
        }
    }

    /// Why an order cannot be placed, whoever its customer is; nil when it can.
    static func fault(in order: OrderIntake, seller: String) -> String? {
        if case .failure(let impossible) = possible(order, seller: seller, vatNumber: nil) { impossible.text } else { nil }
    }

    /// Whether an order comes to these amounts, whatever VAT number its customer had when it was taken.
    static func comes(_ order: OrderIntake, to gross: Money, net: Money, seller: String) -> Bool {
        [nil, order.country, "XI"].contains { vatNumber in
            guard case .success(let lines) = priced(order, seller: seller, vatNumber: vatNumber) else { return false }
            let totals = totals(of: lines, order.currency)
            return (totals.gross, totals.net) == (gross, net)
        }
    }

    private static func totals(of lines: [Line], _ currency: Currency) -> DocumentTotals {
        DocumentTotals(lines.map { .init(net: $0.net, $0.treatment) }, in: currency)
    }

    /// What a sale and a cancellation come to has the sign that credit limits and reviews count on.
    private static func possible(_ order: OrderIntake, seller: String, vatNumber: String?) -> Result<[Line], Impossible> {
        priced(order, seller: seller, vatNumber: vatNumber).flatMap { lines in
            let minor = lines.reduce(0) { $0 + $1.net.minor }
            return switch order.kind {
            case .sale where minor < 0:
                .failure(Impossible(text: "a sale of less than nothing: what is taken back is sent as a cancellation"))
            case .cancellation where minor > 0:
                .failure(
                    Impossible(text: "a cancellation of more than nothing: its quantities are below zero, what is sold is sent as a sale"))
            default: .success(lines)
            }
        }
    }

    private static func priced(_ order: OrderIntake, seller: String, vatNumber: String?) -> Result<[Line], Impossible> {
        guard let treatment = vatTreatment(seller: seller, buyer: order.country, vatNumber: vatNumber, on: order.orderedOn) else {
            return .failure(Impossible(text: "no VAT rate is known for a seller in \(seller)"))
        }
        guard !order.lines.isEmpty else { return .failure(Impossible(text: "the order has no lines")) }
        var lines: [Line] = []
        lines.reserveCapacity(order.lines.count)
        for (at, line) in order.lines.enumerated() {
            guard let net = lineNet(quantityMilli: line.quantityMilli, priceMicro: line.priceMicro, order.currency) else {
                return .failure(Impossible(text: "line \(at + 1): quantity × price is beyond 10^12 minor units"))
            }
            lines.append(
                Line(
                    sku: line.sku, description: line.description, quantityMilli: line.quantityMilli, priceMicro: line.priceMicro, net: net,
                    treatment: treatment))
        }
        guard lines.reduce(0, { $0 + $1.net.minor.magnitude }) <= Money.entryBound.magnitude else {
            return .failure(Impossible(text: "the order's total is beyond 10^12 minor units"))
        }
        return .success(lines)
    }

    var state: OrderState { hold != nil ? .held : document != nil ? .billed : .confirmed }
}

extension Books {
    mutating func append(_ order: PlacedOrder) {
        append(.salesOrder) { batch in
            batch.append(order.id.value)
            batch.append(order.intake.externalID)
            batch.append(order.intake.channel)
            batch.append(order.customer.value)
            batch.append(order.intake.kind.rawValue)
            batch.append(order.intake.orderedOn.iso8601)
            batch.append(order.intake.currency.code)
            batch.append(order.totals.net.minor)
            batch.append(order.totals.tax.minor)
            batch.append(order.totals.gross.minor)
            batch.append(order.state.rawValue)
            batch.append(order.document)
        }
        for (at, line) in order.lines.enumerated() {
            append(.salesOrderLine) { batch in
                batch.append(order.id.value)
                batch.append(Int64(at + 1))
                batch.append(line)
            }
        }
        if let reason = order.hold {
            appendEvent(order.id, "held", role: "system", reason: reason, on: order.intake.orderedOn)
        }
    }

    mutating func appendEvent(_ order: ID<Order>, _ event: String, role: String, reason: String, on day: Day) {
        let id: ID<Order> = newID()
        append(.orderEvent) { batch in
            batch.append(id.value)
            batch.append(order.value)
            batch.append(event)
            batch.append(role)
            batch.append(reason)
            batch.append(day.iso8601)
        }
    }
}

extension RowBatch {
    /// The columns that an order line and an invoice line share, from `sku` on.
    mutating func append(_ line: PlacedOrder.Line) {
        append(line.sku)
        append(line.description)
        append(line.quantityMilli)
        append(line.priceMicro)
        append(line.net.minor)
        append(line.treatment.category.rawValue)
        append(line.treatment.basisPoints)
    }
}
