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

/// Whether amounts of these books differ in their decimals: then minor units do not tell which of two is larger.
func mixesDecimals(_ entity: ID<Entity>, in tx: any Transaction) throws -> Bool {
    let currencies = try tx.rows("SELECT currency FROM proof WHERE entity_id = \(entity)") { $0.currency(0) }
    return Set<Int>(currencies.map(\.exponent)).count > 1
}
