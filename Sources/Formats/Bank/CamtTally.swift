import Domain

/// Counts and sums of entries, in minor units.
struct CamtTally {
    private(set) var creditCount = 0, debitCount = 0
    private(set) var credit: Int128 = 0, debit: Int128 = 0

    var count: Int { creditCount + debitCount }
    var gross: Int128 { credit + debit }
    var net: Int128 { credit - debit }

    mutating func add(_ amount: Money) {
        if amount.minor < 0 {
            debitCount += 1
            debit -= Int128(amount.minor)
        } else {
            creditCount += 1
            credit += Int128(amount.minor)
        }
    }
}

/// What `TxsSummry` states about the entries.
struct CamtSummary {
    private struct Stated {
        let name: String, line: Int
        let count: Int?
        let sum: DecimalNumber?
        let net: DecimalNumber?
    }

    private var stated: [Stated] = []

    init() {}

    init(_ part: XMLElement) {
        let names: [(StaticString, String)] = [
            ("TtlNtries", "TtlNtries"), ("TtlCdtNtries", "TtlCdtNtries"), ("TtlDbtNtries", "TtlDbtNtries"),
        ]
        for (tag, name) in names {
            guard let total = part.child(tag) else { continue }
            let net = total.text("TtlNetNtry", "Amt") ?? total.text("TtlNetNtryAmt")
            let isDebit = (total.text("TtlNetNtry", "CdtDbtInd") ?? total.text("CdtDbtInd")) == "DBIT"
            stated.append(
                Stated(
                    name: name, line: total.line, count: total.text("NbOfNtries").flatMap { Int($0) },
                    sum: total.text("Sum").flatMap { DecimalNumber($0) },
                    net: net.flatMap { DecimalNumber((isDebit ? "-" : "") + $0) }))
        }
    }

    /// Banks count pending entries or leave them out; either is right. `TtlNtries/Sum` is the sum without signs, with some
    /// banks the net.
    func disagreements(all: CamtTally, booked: CamtTally, _ currency: Currency) -> [(line: Int, message: String)] {
        var found: [(line: Int, message: String)] = []
        for part in stated {
            func count(_ tally: CamtTally) -> Int {
                part.name == "TtlNtries" ? tally.count : part.name == "TtlCdtNtries" ? tally.creditCount : tally.debitCount
            }
            func sum(_ tally: CamtTally) -> Int128 {
                part.name == "TtlNtries" ? tally.gross : part.name == "TtlCdtNtries" ? tally.credit : tally.debit
            }
            func check(_ what: String, _ number: DecimalNumber?, _ computed: Int128, or others: [Int128]) {
                guard let number else { return }
                let exponent = max(number.scale, currency.exponent), unit = Int128(powerOfTen(exponent - currency.exponent))
                let stated = Int128(number.units) * Int128(powerOfTen(exponent - number.scale))
                guard !([computed] + others).contains(where: { $0 * unit == stated }) else { return }
                let difference = readableText(stated - computed * unit, exponent: exponent)
                found.append(
                    (
                        part.line,
                        "TxsSummry/\(part.name): \(what) \(readableText(stated, exponent: exponent)) stated, "
                            + "\(readableText(computed, currency)) computed, difference \(difference)"
                    ))
            }
            if let stated = part.count, ![count(all), count(booked)].contains(stated) {
                found.append((part.line, "TxsSummry/\(part.name): \(stated) entries stated, \(count(all)) found"))
            }
            let nets = part.name == "TtlNtries" ? [all.net, -all.net, booked.net, -booked.net] : []
            check("sum", part.sum, sum(all), or: [sum(booked)] + nets)
            check("net", part.net, all.net, or: [booked.net])
        }
        return found
    }
}
