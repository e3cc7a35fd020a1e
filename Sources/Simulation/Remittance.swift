import Domain

/// The words that payers put on a transfer. Blanks are single, as bank files keep them.
struct Remittance: Equatable {
    var text = ""
    var structuredReference: String?

    /// Names the invoices in one of the shapes that real payers use.
    static func naming(_ invoices: [IssuedInvoice], _ random: inout SeededRandom) -> Remittance {
        guard invoices.count == 1 else { return several(invoices.map(\.number), &random) }
        let invoice = invoices[0]
        if let order = invoice.orderNumber, random.chance(perMille: 350) {
            let compact = compact(invoice.number)
            let texts = [
                "rg. \(compact.lowercased()) order \(order)", "\(invoice.number) / \(order)", "ORDER \(order) INVOICE \(compact)",
                "Your order \(order)", "order no. \(order)", order,
            ]
            return Remittance(text: random.pick(texts))
        }
        return one(invoice, &random)
    }

    /// The number with one digit wrong, or a number from somewhere else.
    static func misnaming(_ invoice: IssuedInvoice, _ random: inout SeededRandom) -> Remittance {
        var number = Array(invoice.number)
        let digits = number.indices.suffix(6).filter { number[$0].isWholeNumber }
        guard random.chance(perMille: 500), !digits.isEmpty else {
            let foreign = random.within(1000...9999)
            let texts = ["our ref \(foreign)", "PO/\(foreign)/A", "Kd-Nr \(foreign) Rg. \(foreign % 97)", "stmt \(foreign)"]
            return Remittance(text: random.pick(texts))
        }
        let place = random.pick(digits), digit = number[place].wholeNumberValue ?? 0
        number[place] = Character(String((digit + random.within(1...9)) % 10))
        return Remittance(text: random.pick(["Invoice \(String(number))", String(number)]))
    }

    static func silent(_ invoice: IssuedInvoice, _ random: inout SeededRandom) -> Remittance {
        let texts = ["", "", "payment", "Thank you", "invoice", "goods", "account settled", invoice.customerName.lowercased()]
        return Remittance(text: random.pick(texts))
    }

    private static func one(_ invoice: IssuedInvoice, _ random: inout SeededRandom) -> Remittance {
        let number = invoice.number
        let shapes = [
            "Invoice \(number)", number, slashed(number), spaced(number), compact(number), compact(number).lowercased(),
            "Inv. no. \(number) dated \(invoice.issuedOn.iso8601)", "/RFB/\(number)", "Rechnung Nr. \(spaced(number))",
            "Payment for \(number), thanks",
        ]
        let shape = random.below(shapes.count + 1)
        return shape < shapes.count ? Remittance(text: shapes[shape]) : Remittance(structuredReference: number)
    }

    private static func several(_ numbers: [String], _ random: inout SeededRandom) -> Remittance {
        let write = random.pick([{ $0 }, slashed, compact]), opening = random.pick(["", "", "Invoices ", "Rg. "])
        return Remittance(text: opening + numbers.map(write).joined(separator: random.pick([", ", ",", "/", " + ", " / "])))
    }
}

/// `INV-2010-000123` → `INV 2010/000123`.
private func slashed(_ number: String) -> String {
    let parts = number.split(separator: "-")
    return parts.count < 2 ? number : "\(parts[0]) \(parts[1...].joined(separator: "/"))"
}

/// `INV-2010-000123` → `INV 2010 000123`.
private func spaced(_ number: String) -> String { number.split(separator: "-").joined(separator: " ") }

/// `INV-2010-000123` → `INV2010000123`.
private func compact(_ number: String) -> String { number.split(separator: "-").joined() }
