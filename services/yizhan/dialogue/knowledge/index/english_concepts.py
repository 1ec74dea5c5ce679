"""English words that mean the same to a customer-service desk, whatever the business sells.

Compared by their stems. A word belongs to one group; what it means elsewhere does not matter here.
"""

from collections.abc import Mapping

from yizhan.dialogue.knowledge.tokens import stem

_GROUPS = """
fee charge cost price rate expense tariff
refund reimburse repay reimbursement repayment cashback
revert reverse return undo bounce
exchange swap
withdraw withdrawal cashout
transaction payment purchase paid pay bought buy paying spend spent
transfer send sent wire remit remittance
receive get got arrive deliver come obtain receipt
pending wait hold process await queue
decline reject deny refuse declined rejection disallow
fail error unsuccessful problem issue wrong incorrect trouble glitch bug mistake
lost lose misplace stolen steal stole missing disappear gone vanish
add topup refill load deposit recharge fund
verify verification confirm authenticate prove validate authentication confirmation
identity identification passport identify
abroad country oversea foreign international world worldwide global travel
limit maximum most cap minimum restriction
long duration hour day week soon until
spare extra additional another second
activate enable activation start
card mastercard visa debit credit
phone mobile cell telephone smartphone call
pin passcode password code login
account profile
change replace update modify edit switch alter correct amend
cash money fund
store shop merchant retailer seller
block freeze lock suspend disable
unlock unblock unfreeze
unknown unrecognized unrecognised recognize unfamiliar strange suspicious unauthorized fraud fraudulent scam
twice double duplicate
convert conversion currency fiat
kid child daughter son age young teen minor
close terminate delete deactivate
cancel stop abort
order request ask apply
track trace progress status locate
work function operate
broken damage damaged defective faulty crack smashed broke malfunction
repair fix mend
parcel package shipment
ship shipping delivery dispatch courier
invoice bill statement
coupon promo discount voucher promotion deal
guarantee warranty
stock available availability inventory
address location
email mail
app application software
website site page
picture photo image
contact reach
agent human person representative operator staff
complain complaint
employee job career
cheap cheaper inexpensive
expensive overpriced
big large huge
small tiny little
fast quick quickly rapid
slow delay late
buy purchase acquire
begin start commence
end finish expire expiration
explain describe clarify
show display
tell say
need require want
different another
house home residence
car vehicle automobile
reservation booking reserve book
appointment schedule meeting
hotel lodging motel
restaurant diner
meal food dish
recipe cook
ticket pass
flight plane airline
insurance coverage policy
salary income paycheck wage pay-day
tax
bank
interest apr
loan borrow mortgage
balance total
weather forecast temperature
song music playlist
remind reminder
alarm timer
holiday vacation pto leave
translate language
definition meaning define
spell spelling
joke funny
weekend saturday sunday
doctor physician hospital clinic
medicine drug pill prescription
allergy allergic
symptom sick ill disease illness
pain ache hurt sore
"""


def _by_stem() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for line in _GROUPS.strip().splitlines():
        words = line.split()
        for word in words:
            found.setdefault(stem(word), f"#{words[0]}")
    return found


CONCEPT_OF_STEM = _by_stem()
"""The group of a stemmed word, named by its first word with a ``#`` before it."""
