/// The head of one bank statement (`Stmt`), notification (`Ntfctn`) or intraday report (`Rpt`).
package struct StatementHeader: Equatable, Sendable {
    /// That of a bank's own CSV.
    package static let tableFormat = "CSV"

    /// `camt.053.001.08`.
    package var format: String
    /// `Stmt/Id`: unique in theory only; banks reuse it.
    package var id: String
    /// IBAN without blanks, else the bank's own account number.
    package var account: String
    package var currency: Currency?
    package var createdOn: Day?
    /// A later page of the statement before it in the same file: equal entries on both are two entries.
    package var isContinuation: Bool
    package init(
        format: String, id: String, account: String, currency: Currency? = nil, createdOn: Day? = nil, isContinuation: Bool = false
    ) {
        (self.format, self.id, self.account, self.currency, self.createdOn) = (format, id, account, currency, createdOn)
        self.isContinuation = isContinuation
    }
}

/// One booking of a statement (`Ntry`), possibly with several transactions (`TxDtls`) in it.
package struct BankEntry: Equatable, Sendable {
    package enum Status: String, Sendable { case booked = "BOOK", pending = "PDNG", information = "INFO" }

    /// One transaction of the entry; an entry without `TxDtls` has one, made from the entry itself.
    package struct Transaction: Equatable, Sendable {
        /// Signed like the entry; nil when the bank states no amount for it and there are several.
        package var amount: Money?
        /// What the bank says that it took for itself of that amount, below zero: −3 where 100 were sent and 97 came, or 100 went back and
        /// 103 were taken. nil where it says nothing, or what it says does not add up.
        package var charges: Money?
        package var endToEndID: String?
        package var mandateID: String?
        package var counterpartyName: String?
        package var counterpartyIBAN: String?
        /// The other side's account where it is no IBAN: bank code and number, divided by `/`, as far as the bank tells them.
        package var counterpartyAccount: String?
        /// What tells the other side's account from every other.
        package var counterpartyNumber: String? { counterpartyIBAN ?? counterpartyAccount }
        /// ISO 11649 creditor reference or another structured reference (`Strd/CdtrRefInf/Ref`).
        package var structuredReference: String?
        /// `Ustrd` lines joined by a blank.
        package var remittance: String
        /// ISO 20022 return reason, `MD06`; of other networks as they write it, `R01`.
        package var returnReason: String?
        /// What kind of payment it is in the format's own code: BAI2 `142`, MT940 `NTRF`, GVC `166`, NACHA `CTX`.
        package var code: String?
        /// ISO 20022 purpose, `SALA`.
        package var purpose: String?
        /// SEPA creditor identifier.
        package var creditorID: String?
        package var checkNumber: String?
        package init(
            amount: Money? = nil, endToEndID: String? = nil, mandateID: String? = nil, counterpartyName: String? = nil,
            counterpartyIBAN: String? = nil, structuredReference: String? = nil, remittance: String = "", returnReason: String? = nil,
            counterpartyAccount: String? = nil, code: String? = nil, purpose: String? = nil, creditorID: String? = nil,
            checkNumber: String? = nil
        ) {
            (self.amount, self.endToEndID, self.mandateID) = (amount, endToEndID, mandateID)
            (self.counterpartyName, self.counterpartyIBAN) = (counterpartyName, counterpartyIBAN)
            (self.structuredReference, self.remittance, self.returnReason) = (structuredReference, remittance, returnReason)
            (self.counterpartyAccount, self.code, self.purpose) = (counterpartyAccount, code, purpose)
            (self.creditorID, self.checkNumber) = (creditorID, checkNumber)
        }
    }

    /// What its first transaction says that makes it another entry where the bank gives no reference.
    package struct Wording: Equatable, Sendable {
        package var endToEndID: String?
        package var remittance: String
        package var counterpartyNumber: String?
        package init(_ transaction: Transaction) {
            (endToEndID, remittance) = (transaction.endToEndID, transaction.remittance)
            counterpartyNumber = transaction.counterpartyNumber
        }
    }

    /// Credit (money in) positive, debit negative. A reversal carries the sign of what it does to the account.
    package var amount: Money
    package var status: Status
    package var bookedOn: Day
    package var valueOn: Day
    /// `RvslInd`: this entry takes back an earlier one.
    package var isReversal: Bool
    /// `AcctSvcrRef`: the bank's own reference, the same in every file. `NtryRef` only counts within one.
    package var reference: String?
    package var transactions: [Transaction]
    /// How its first transaction was read before its reader learnt to find more in the same words, so that the entry stays the same entry;
    /// nil where that transaction itself says it.
    package var wording: Wording?
    /// The currency in which the amount was read before its reader learnt better, for the same reason; nil where it is the amount's.
    package var wordedCurrency: Currency?
    /// Where it stands in its file, when the reader can tell.
    package var citation: Citation?
    package init(
        amount: Money, status: Status = .booked, bookedOn: Day, valueOn: Day, isReversal: Bool = false, reference: String? = nil,
        transactions: [Transaction], citation: Citation? = nil
    ) {
        (self.amount, self.status, self.bookedOn, self.valueOn) = (amount, status, bookedOn, valueOn)
        (self.isReversal, self.reference, self.transactions, self.citation) = (isReversal, reference, transactions, citation)
    }
}

/// Something in a file that a person should know: it never stops the import.
package struct Finding: Equatable, Sendable {
    /// 1-based line of the file, when known.
    package var line: Int?
    package var message: String
    package init(line: Int? = nil, _ message: String) { (self.line, self.message) = (line, message) }

    /// How the message starts where opening balance and entries do not make the closing balance.
    package static let balanceGap = "balances do not add up"
}

/// What a statement reader tells, in file order; a file of any size needs the memory of one entry.
package enum StatementEvent: Sendable {
    case began(StatementHeader)
    case entry(BankEntry)
    /// Balances as stated (signed, credit positive), and the findings, such as balances that do not add up.
    case ended(opening: Money?, closing: Money?, findings: [Finding])
}
