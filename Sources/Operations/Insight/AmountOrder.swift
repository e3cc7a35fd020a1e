import Domain
import Store

/// `Money.tenThousandths` of a column: what lists of several currencies are sorted by.
///
/// - Parameters: `minor` and `currency` are columns, from the program.
func tenThousandths(of minor: String, in currency: String) -> String {
    func counted(_ factor: Int64) -> String {
        let most = Int64.max / factor
        guard factor > 1 else { return minor }
        return """
            CASE WHEN \(minor) > \(most) THEN \(Int64.max) WHEN \(minor) < -\(most) THEN -\(Int64.max) ELSE \(minor) * \(factor) END
            """
    }
    let others = otherCurrencies.map { "WHEN \(currency) IN (\($0.codes)) THEN \(counted($0.factor))" }.joined(separator: " ")
    return "CASE \(others) ELSE \(counted(Currency.eur.minorTenThousandths)) END"
}

/// Those whose minor unit is no hundredth, by what it is, as SQL.
private let otherCurrencies: [(factor: Int64, codes: String)] = {
    let all = Dictionary(grouping: Currency.codes.compactMap { Currency($0) }, by: \.minorTenThousandths)
    return all.filter { $0.key != Currency.eur.minorTenThousandths }.sorted { $0.key > $1.key }.map { factor, currencies in
        (factor: factor, codes: currencies.map { "'" + $0.code + "'" }.joined(separator: ", "))
    }
}()

/// The ten-thousandths in a minor unit of these books; nil where amounts differ in their decimals: then minor units do not tell which of
/// two is larger.
func minorTenThousandths(_ entity: ID<Entity>, in tx: any Transaction) throws -> Int64? {
    let units = Set(try bookedCurrencies(entity, in: tx).map(\.minorTenThousandths))
    return units.count > 1 ? nil : units.first ?? Currency.eur.minorTenThousandths
}

/// Those in which anything was ever posted.
func bookedCurrencies(_ entity: ID<Entity>, in tx: any Transaction) throws -> [Currency] {
    try tx.rows("SELECT currency FROM proof WHERE entity_id = \(entity)") { $0.currency(0) }
}

extension ListPlace {
    /// A place told in ten-thousandths, in minor units of so many each: as an index has them.
    func inMinorUnits(of tenThousandths: Int64) -> ListPlace {
        ListPlace(Int64(value).map { String($0 / tenThousandths) } ?? value, id)
    }
}
