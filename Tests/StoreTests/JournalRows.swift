import Domain
import Store

/// Journal entries without postings, as rows to insert.
func journalRows(_ entity: ID<Entity>, _ ids: Range<Int64>, memo: String) -> RowBatch {
    var batch = RowBatch(ConformanceTests.journalEntries)
    for id in ids {
        batch.append(entity.value)
        batch.append(id)
        batch.append("2026-01-31")
        batch.append("test")
        batch.append(memo)
        batch.appendNull()
    }
    return batch
}
