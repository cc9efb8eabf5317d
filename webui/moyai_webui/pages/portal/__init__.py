"""The pages in front of all uses: start, sign-in, tracking, records, receipts, mails."""
