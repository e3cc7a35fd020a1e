import Domain

/// A payment order with its remittance as ASC X12 820, version 004010: each document paid in full.
///
/// - Parameters:
///   - reference: As the receipt's words carry it, without `*` and `~`.
///   - documents: At least one; all in one currency.
package func remittanceOrder(_ reference: String, _ documents: [(number: String, paid: Money)], on day: Day) -> String {
    let currency = documents.first?.paid.currency ?? .eur, date = day.iso8601.replacing("-", with: "")
    let total = documents.reduce(Money.zero(currency)) { $0 + $1.paid }
    let segments =
        [
            "ISA*00*          *00*          *ZZ*PAYER          *ZZ*SELLER         *\(date.dropFirst(2))*1200*U*00401*000000001*0*P*>",
            "GS*RA*PAYER*SELLER*\(date)*1200*1*X*004010", "ST*820*0001", "BPR*C*\(total.decimal)*C*ACH", "TRN*1*\(reference)",
            "CUR*PR*\(currency.code)", "ENT*1",
        ] + documents.map { "RMR*IV*\($0.number)**\($0.paid.decimal)*\($0.paid.decimal)" }
    // ST and SE count themselves; ISA and GS do not count.
    return (segments + ["SE*\(segments.count - 1)*0001", "GE*1*1", "IEA*1*000000001"]).map { $0 + "~\n" }.joined()
}
