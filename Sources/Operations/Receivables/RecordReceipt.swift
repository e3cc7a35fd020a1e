import Domain
import Store

/// A receipt with the open item that its cash is.
struct RecordedReceipt {
    let id: Int64
    let intake: ReceiptIntake
    /// The credit on unapplied cash, or on receivables when the customer was known from the start.
    var cash: OpenItem
    var isIdentified: Bool { intake.customer != nil }
}

extension Books {
    /// Books money in the bank: against the customer where it is known, against unapplied cash where it is not. What comes late for a
    /// closed period is booked on the first open day; the receipt keeps the bank's.
    mutating func receive(_ intake: ReceiptIntake) throws -> RecordedReceipt {
        let id: ID<JournalEntry> = newID(), account: Account = intake.customer == nil ? .unappliedCash : .receivables
        let day = openDay(intake.bookedOn)
        append(.receipt) { batch in
            batch.append(id.value)
            batch.append(intake.method)
            batch.append(intake.externalID)
            batch.append(intake.bookedOn.iso8601)
            batch.append(intake.amount.currency.code)
            batch.append(intake.amount.minor)
            batch.append(intake.customer?.value)
            batch.append(intake.payerName)
            batch.append(intake.payerIBAN)
            batch.append(intake.endToEndID)
            batch.append(intake.structuredReference)
            batch.append(intake.remittance)
        }
        if let mandate = intake.mandateID {
            append(.receiptMandate) { batch in
                batch.append(id.value)
                batch.append(mandate)
            }
        }
        let credit = Posting(account, intake.customer, credit: intake.amount)
        let debits =
            intake.charges.map { charges in
                [
                    Posting(.bank, intake.customer, debit: intake.amount - charges),
                    Posting(.bankFees, intake.customer, debit: charges),
                ]
            } ?? [Posting(.bank, intake.customer, debit: intake.amount)]
        try post(id, on: day, kind: "receipt", memo: intake.externalID, debits + [credit])
        let cash = add(
            NewOpenItem(
                id: id.value, kind: .receipt, account: account, customer: intake.customer, number: intake.externalID,
                effectiveOn: day, dueOn: day, amount: -intake.amount))
        return RecordedReceipt(id: id.value, intake: intake, cash: cash)
    }
}
