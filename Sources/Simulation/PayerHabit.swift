/// What a payer does with an invoice.
package enum PayerHabit: String, CaseIterable, Sendable {
    /// In the last seven days before it is due.
    case onTime
    /// 3–25 days after it is due.
    case late
    /// 40–80 days after it is due.
    case veryLate
    case never
    /// A part; half of the payers send the rest weeks later.
    case short
    /// Up to a tenth too much.
    case over
    /// Twice, one time in four on the same day with every word the same.
    case twice
    /// In one transfer with the customer's next invoice, naming both.
    case together
    /// Names a number with one digit wrong, or something that is no invoice.
    case wrongReference
    case noReference
    /// Somebody else pays from another account and names the invoice.
    case thirdParty
    /// A few units are missing because a bank kept them.
    case bankCharge
    /// The bank takes the payment back for lack of funds; some pay again later.
    case returned
}

extension [PayerHabit: Int] {
    /// Per mille, 1000 in all. A joint transfer takes the next invoice along, whatever its own habit: 2 % that wait make 4 %
    /// that are paid together, and leave 98 % of what stands here of all else.
    package static let standard: [PayerHabit: Int] = [
        .onTime: 565, .late: 200, .veryLate: 40, .never: 30, .short: 30, .over: 20, .twice: 15, .together: 20,
        .wrongReference: 20, .noReference: 30, .thirdParty: 15, .bankCharge: 10, .returned: 5,
    ]

    func draw(_ random: inout SeededRandom) -> PayerHabit {
        var left = random.below(1000)
        for habit in PayerHabit.allCases {
            left -= self[habit, default: 0]
            if left < 0 { return habit }
        }
        preconditionFailure("a mix adds up to 1000")
    }
}
