import Domain
import Store

extension ProofView {
    /// What stood at a moment, added up from what was booked and what was open then, with the seals that were known.
    ///
    /// - Returns: nil before the first seal.
    package static func read(at moment: ReportMoment, in tx: any Transaction) throws -> ProofView? {
        let entity = moment.entity, known = moment.knownAt?.microseconds ?? .max
        let head = try tx.first(
            "SELECT recorded_at, hash FROM seal WHERE entity_id = \(entity) AND recorded_at <= \(known) ORDER BY last_id DESC LIMIT 1"
        ) { (at: Instant(microseconds: $0.integer(0)), hash: hexadecimal($0.bytes(1))) }
        guard let head else { return nil }
        let count = try tx.first("SELECT count(*) FROM seal WHERE entity_id = \(entity) AND recorded_at <= \(known)") {
            Int($0.integer(0))
        }
        let balances = try TrialBalanceReport(moment).lines(in: tx), owed = try AgingReport(moment).totals(in: tx)
        let currencies = Set(balances.map(\.debit.currency) + owed.map(\.currency)).sorted { $0.code < $1.code }
        let lines = currencies.map { currency -> Line in
            let own = balances.filter { $0.debit.currency == currency }
            let control = own.filter { Account(rawValue: $0.account)?.isControl == true }
            return Line(
                debits: own.map(\.debit).total(in: currency), credits: own.map(\.credit).total(in: currency),
                control: control.map(\.balance).total(in: currency),
                openItems: owed.first { $0.currency == currency }?.total ?? .zero(currency))
        }
        return ProofView(lines: lines, sealCount: count ?? 0, sealedAt: head.at, head: head.hash)
    }
}
