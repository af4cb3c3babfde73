"""Words from hedge, workshop and pantry: nobody is called so."""


def _words(text):
    return text.split()


FAMILIES = _words(
    """
    Acornbell Applecart Bannockburn-Bell Barleymow Basketweave Beeswaxon Bellwether-Brook Birchbark
    Blotterby Bobbinlace Bookbinderly Brackenfern Bramblewick Breadcrumble Buttonhook Candlewick
    Cardamomby Catkinsey Chalkpotter Clotheslane Clovertop Cobblestoney Copperkettle Crumpetworth
    Damselplum Dovetailor Drizzlecombe Elderflowers Fiddlehead Flaxenbrook Foxglovely Garlandry
    Gingerbank Gooseberry Hazelrigging Hollyhocker Honeysucklet Inglenook Jamjarvis Juniperish
    Kettlewick Lanternlight Lavenderly Lintelby Marzipanny Meadowsweeting Mittenford Muffineer
    Nettlebed Nutmegsworth Oatcakely Paperwhite Parsnipper Pebblebrook Pennywhistler Picklebarrow
    Porridgely Quiltingham Quincewater Rhubarbary Rosehipson Saffronby Sandpaperly Snowdropper
    Sorrelton Spindleberry Spoonwright Sugarloaf Tallowchand Teacosy Thimbleby Thistledown
    Toadflaxen Treaclewell Turnipseedling Umbrellby Velvetgrass Walnutter Whistledown Willowherb
    Windowboxer Woodruffle Yarrowstalk Zinniaby
    """
)
GIVEN = _words(
    """
    Almond Anise Apple Aster Basil Bay Beech Berry Birch Blossom Briar Bryony Cedar Cherry Cicely
    Clementine Clover Coral Cress Daisy Dill Elder Fennel Fern Fig Flax Hazel Heath Holly Ivy
    Juniper Larch Lark Laurel Lilac Linden Lovage Mallow Maple Marigold Mint Moss Myrtle Oak Olive
    Pear Pepper Petal Plum Poppy Quince Reed Robin Rowan Rue Sage Sorrel Tansy Teasel Thyme Willow
    Wren Yarrow
    """
)
PROVIDERS = ["Sample Street Counseling", "Example Respite Circle", "Invented Tutors", "Made-Up Mentors"]
COUNTIES = {
    "Cook": ("Cook",),
    "Northern": ("Winnebago", "Kane", "Lake", "DeKalb"),
    "Central": ("Sangamon", "Peoria", "McLean", "Macon"),
    "Southern": ("St. Clair", "Madison", "Jackson", "Marion"),
}
# Local area networks are numbered through the state; which lies where is invented here.
LANS = {"Cook": range(37, 50), "Northern": range(50, 60), "Central": range(10, 24), "Southern": range(1, 10)}
