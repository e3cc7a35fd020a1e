/// What happens to a payment on its way from the payer's mind to the statement.
package enum ReceiptKind: String, CaseIterable, Sendable {
    case clean, missing, partial, wrong, foreign, typo, deduction, short, discount, charge, withholding, rounding, duplicate
    case thirdParty = "third_party", parent, decoy, onAccount = "on_account", notOurs = "not_ours"
}

/// A named difficulty: how often each kind happens, per mille of the payments.
package struct ReceiptMix: Sendable {
    package let name: String
    let perMille: [(kind: ReceiptKind, share: Int)]

    package static let all = [
        ReceiptMix("clean", [(.clean, 1000)]),
        ReceiptMix(
            "realistic",
            [
                (.clean, 845), (.missing, 40), (.partial, 15), (.wrong, 6), (.foreign, 8), (.typo, 15), (.deduction, 4), (.short, 6),
                (.discount, 20), (.charge, 4),
                (.withholding, 2), (.rounding, 3), (.duplicate, 4), (.thirdParty, 10), (.parent, 8), (.decoy, 4), (.onAccount, 3),
                (.notOurs, 3),
            ]),
        ReceiptMix(
            "missing",
            [
                (.missing, 300), (.clean, 660), (.duplicate, 5), (.short, 5), (.thirdParty, 10), (.parent, 10), (.onAccount, 5),
                (.notOurs, 5),
            ]),
        ReceiptMix("references", [(.clean, 400), (.partial, 150), (.wrong, 150), (.foreign, 150), (.typo, 150)]),
        ReceiptMix(
            "differences",
            [(.clean, 300), (.deduction, 150), (.short, 150), (.discount, 150), (.charge, 100), (.withholding, 75), (.rounding, 75)]),
        ReceiptMix(
            "strangers", [(.clean, 250), (.thirdParty, 250), (.parent, 150), (.duplicate, 150), (.onAccount, 100), (.notOurs, 100)]),
        ReceiptMix("decoys", [(.decoy, 500), (.clean, 200), (.missing, 150), (.wrong, 100), (.thirdParty, 50)]),
    ]

    private init(_ name: String, _ perMille: [(ReceiptKind, Int)]) {
        (self.name, self.perMille) = (name, perMille.map { (kind: $0.0, share: $0.1) })
    }

    package static func named(_ name: String) -> ReceiptMix? { all.first { $0.name == name } }

    func draw(_ random: inout SeededRandom) -> ReceiptKind {
        var left = random.below(perMille.reduce(0) { $0 + $1.share })
        for (kind, share) in perMille {
            left -= share
            if left < 0 { return kind }
        }
        preconditionFailure("a mix has shares")
    }
}
