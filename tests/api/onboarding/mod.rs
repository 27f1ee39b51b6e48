mod partners;
